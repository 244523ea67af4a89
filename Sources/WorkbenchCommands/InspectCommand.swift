import CommandLineKit
import GraphAnalysis
import GraphIR

struct InspectCommand: Command {
  static let name = "inspect"
  static let abstract = "show what a model is made of"
  static let discussion = """
    Multiply-accumulates and memory are those of one sample: every symbolic size is taken as 1.

    --sparsity counts zeros in the weights of convolutions and products, and which patterns they have that runtimes \
    gain from; and it tells which part of the squared weights would go if two of every four weights, or half of all, \
    became 0, the least first. How much accuracy that costs, only a measurement tells.
    """
  static let examples = [
    CommandExample("workbench inspect -m m.onnx", "operators, parameters, work, inputs and outputs"),
    CommandExample("workbench inspect -m m.onnx --json", "the same for a script"),
    CommandExample("workbench inspect -m m.onnx --sparsity", "zeros among the weights, layer by layer"),
  ]

  @Option("--model", "-m", help: "the model") var model: FilePath
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
    let summary = Summary(model, file: self.model.string)
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

  private func show(_ summary: Summary, on terminal: Terminal) {
    terminal.print("\(summary.file): IR version \(summary.irVersion), \(summary.producer)")
    terminal.print(
      "operator sets: " + summary.opsets.map { "\($0.domain) \($0.version)" }.joined(separator: ", "))
    for value in summary.inputs { terminal.print("input  \(value.name): \(value.type)") }
    for value in summary.outputs { terminal.print("output \(value.name): \(value.type)") }
    var table = Table("operator", .number("nodes"), .number("parameters"), .number("MACs"))
    for row in summary.operators {
      table.add(row.name, "\(row.nodes)", Quantity.count(row.parameters), Quantity.count(row.macs))
    }
    table.addSeparator()
    table.add(
      "all", "\(summary.nodes)", Quantity.count(summary.parameters), Quantity.count(summary.macs))
    terminal.print(table)
    if summary.unknownTypes > 0 {
      terminal.print("\(summary.unknownTypes) values have no known type")
    }
  }

  private struct Summary: Encodable {
    let file: String
    let irVersion: Int
    let producer: String
    let opsets: [Opset]
    let inputs: [Value]
    let outputs: [Value]
    let nodes: Int
    let parameters: Int
    let macs: Int
    let operators: [Row]
    let unknownTypes: Int

    init(_ model: Model, file: String) {
      let costs = CostModel(model)
      let graph = model.mainGraph
      self.file = file
      irVersion = model.header.irVersion
      producer = [model.header.producerName, model.header.producerVersion].filter { !$0.isEmpty }.joined(
        separator: " ")
      opsets = model.header.opsetImports.map {
        Opset(domain: $0.domain.isEmpty ? "ai.onnx" : $0.domain, version: $0.version)
      }
      inputs = model.inputs(of: graph).map { Value($0, model) }
      outputs = model.outputs(of: graph).map { Value($0, model) }
      nodes = costs.nodes
      parameters = costs.parameters
      macs = costs.macs
      operators = Row.rows(of: model, costs)
      unknownTypes = model.allNodes.flatMap { model.outputs(of: $0) }
        .count { !model.isOmitted($0) && model.type(of: $0) == nil }
    }
  }

  private struct Opset: Encodable {
    let domain: String
    let version: Int
  }

  private struct Value: Encodable {
    let name: String
    let type: String

    init(_ value: ValueID, _ model: Model) {
      name = model.name(of: value)
      type = model.type(of: value)?.description ?? "unknown"
    }
  }

  private struct Row: Encodable {
    let name: String
    var nodes = 0
    /// Weights that nodes share count once in the total, and for each operator that reads them.
    var parameters = 0
    var macs = 0

    /// Sorted by number of nodes, then by name.
    static func rows(of model: Model, _ costs: CostModel) -> [Row] {
      var rows: [OperatorName: Row] = [:]
      for node in model.allNodes where model.operatorName(of: node) != OperatorName("Constant") {
        let op = model.operatorName(of: node)
        var row = rows[op] ?? Row(name: op.description)
        row.nodes += 1
        row.parameters += costs.parameters(of: node)
        row.macs += costs.macs(of: node)
        rows[op] = row
      }
      return rows.values.sorted { $0.nodes != $1.nodes ? $0.nodes > $1.nodes : $0.name < $1.name }
    }
  }
}
