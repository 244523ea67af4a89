import CommandLineKit
import Evaluation
import Search

/// How much memory a search may take.
struct MemoryOptions: ParameterGroup {
  @Option(
    "--memory", help: "what the search may take; a trial that needs more is lost",
    defaultText: "half of what there is",
    check: Check("a size of at least 512MB") { $0.byteCount >= 512_000_000 })
  var memory: ByteSize?

  var budget: MemoryBudget { memory.map { MemoryBudget(total: $0.byteCount) } ?? MemoryBudget() }

  /// A client whose workers are limited.
  func client(_ running: RunningOptions) -> EvaluationClient {
    EvaluationClient(libraryPath: running.runtimeLibrary?.string, memoryLimit: budget.worker)
  }
}

/// A number of bytes as people write it: `4GB`, `512 MiB`, `1.5G`.
struct ByteSize: OptionValue, Hashable {
  let byteCount: Int

  init(argument: String) throws {
    let text = argument.lowercased().filter { !$0.isWhitespace }
    let digits = text.prefix { "0123456789.".contains($0) }
    guard let number = Double(digits), let unit = Self.units[String(text.dropFirst(digits.count))],
      number * unit < 0x1p60
    else { throw OptionValueError(expected: "a size such as 4GB or 512MiB") }
    byteCount = Int(number * unit)
  }

  var argument: String { "\(byteCount)" }
  static var placeholder: String { "SIZE" }

  private static let units: [String: Double] = [
    "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
    "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
  ]
}
