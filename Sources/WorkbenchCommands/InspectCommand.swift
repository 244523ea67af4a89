import CommandLineKit
import GraphAnalysis
import GraphIR

struct InspectCommand: Command {
  static let name = "inspect"
  static let abstract = "show what a model is made of"
  static let discussion = """
    Multiply-accumulates and memory are counted with every symbolic size 1, so for one sample; --size names others. \
    Activation memory is the most that is alive at one time when nodes run in the order of the file and a value goes \
    after its last reader; what a runtime does in place, and its own buffers, are not known.

    Quantization is told of convolutions and products: in which numbers their weights are stored, and whether they run \
    on integers (QDQ around them, integer operators) or only are stored so (MatMulNBits, weights that are dequantized \
    or cast).

    --sparsity counts zeros in the weights of convolutions and products, and which patterns they have that runtimes \
    gain from; and it tells which part of the squared weights would go if two of every four weights, or half of all, \
    became 0, the least first. How much accuracy that costs, only a measurement tells.
    """
  static let examples = [
    CommandExample("workbench inspect -m m.onnx", "operators, parameters, work, inputs and outputs"),
    CommandExample("workbench inspect -m m.onnx --json", "the same for a script"),
    CommandExample(
      "workbench inspect -m m.onnx --size N=32 --size length=128", "work and memory of a batch of sequences"),
    CommandExample("workbench inspect -m m.onnx --sparsity", "zeros among the weights, layer by layer"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
  @Option("--size", help: "what a symbolic size stands for", placeholder: "NAME=NUMBER", defaultText: "1")
  var sizes: [String] = []
  @Flag("--verify-data", help: "compare external data with its checksums, which reads all of it")
  var verifyData
  @Flag("--sparsity", help: "zeros among weights and their patterns, instead of operators") var sparsity
  @Flag("--json", help: "print JSON") var json

  func run(on terminal: Terminal) async throws -> ExitCode {
    if verifyData { try verifyExternalData(on: terminal) }
    var model = try ModelFile.read(self.model)
    if sparsity {
      let report = SparsityReport(model, file: self.model.string)
      if json { try terminal.printJSON(report) } else { report.show(on: terminal) }
      return .done
    }
    let findings = ShapeInference.run(on: &model)
    try requireKnownSizes(in: model)
    let summary = InspectSummary(model, file: self.model.string, sizes: boundSizes)
    if json {
      try terminal.printJSON(summary)
    } else {
      show(summary, on: terminal)
      for finding in findings { terminal.warn("\(finding)") }
    }
    return .done
  }

  private func verifyExternalData(on terminal: Terminal) throws {
    let files = try ModelFile.verifyExternalData(of: model)
    let verified = files.count { $0.isVerified }
    terminal.note("external data: \(verified) of \(files.count) files are as their checksums say")
    for file in files where !file.isVerified {
      terminal.warn("external data \(file.location): the model gives no checksum")
    }
  }

  // MARK: Sizes

  func validate() throws {
    if sparsity, let size = sizes.first {
      throw UsageError("--size \(size): weights have no open sizes; leave out --sparsity")
    }
    for size in sizes where Self.binding(size) == nil {
      throw UsageError("--size \(size): give a name and a size, such as N=32")
    }
  }

  private var boundSizes: [String: Int] {
    Dictionary(
      sizes.compactMap { Self.binding($0) }.map { ($0.name, $0.size) }, uniquingKeysWith: { _, last in last })
  }

  private static func binding(_ text: String) -> (name: String, size: Int)? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let size = Int(parts[1]), (0...1 << 31).contains(size) else {
      return nil
    }
    return (name: String(parts[0]), size: size)
  }

  private func requireKnownSizes(in model: Model) throws {
    let known = OpenAxes(of: model).symbols.map(\.name)
    for name in boundSizes.keys.sorted() where !known.contains(name) {
      throw CommandError(
        "\(self.model): no input or output has a size '\(name)'",
        help: [known.isEmpty ? "all sizes are fixed" : "there is " + known.joined(separator: ", ")])
    }
  }

  // MARK: Text

  private func show(_ summary: InspectSummary, on terminal: Terminal) {
    terminal.print("\(summary.file): IR version \(summary.irVersion), \(summary.producer)")
    terminal.print(
      "operator sets: " + summary.opsets.map { "\($0.domain) \($0.version)" }.joined(separator: ", "))
    for value in summary.inputs { terminal.print("input  \(value.name): \(value.type)") }
    for value in summary.outputs { terminal.print("output \(value.name): \(value.type)") }
    for size in summary.symbolicSizes {
      terminal.print("size   \(size.name) = \(size.value) in \(size.axes.joined(separator: ", "))")
    }
    if !summary.unknownSizes.isEmpty {
      terminal.print("sizes that are not known: " + summary.unknownSizes.joined(separator: ", "))
    }
    terminal.print(operators(summary))
    terminal.print(
      "weights: \(Quantity.bytes(summary.weightBytes)); activations: at most "
        + "\(Quantity.bytes(summary.peakActivationBytes)) at one time")
    showQuantization(summary.quantization, on: terminal)
    if summary.unknownTypes > 0 { terminal.print("\(summary.unknownTypes) values have no known type") }
    if summary.unsizedNodes > 0 {
      terminal.print("\(summary.unsizedNodes) nodes have results of unknown size, which count as 1")
    }
  }

  private func operators(_ summary: InspectSummary) -> Table {
    var table = Table("operator", .number("nodes"), .number("parameters"), .number("MACs"))
    for row in summary.operators {
      table.add(row.name, "\(row.nodes)", Quantity.count(row.parameters), Quantity.count(row.macs))
    }
    table.addSeparator()
    table.add(
      "all", "\(summary.nodes)", Quantity.count(summary.parameters), Quantity.count(summary.macs))
    return table
  }

  private func showQuantization(_ quantization: InspectSummary.Quantization, on terminal: Terminal) {
    guard quantization.layers > 0 else { return }
    terminal.print(
      "convolutions and products: \(quantization.quantizedLayers) of \(quantization.layers) are quantized")
    var table = Table("weights", "form", .number("nodes"), .number("share"), .number("share of MACs"))
    for precision in quantization.precisions {
      table.add(
        precision.weights, precision.form, "\(precision.nodes)", Quantity.percent(precision.nodeShare),
        Quantity.percent(precision.macShare))
    }
    terminal.print(table)
  }
}
