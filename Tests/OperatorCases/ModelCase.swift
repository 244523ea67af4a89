import Foundation
import GraphAnalysis
import GraphIR
import ONNXFormat
import PassPipeline
import Passes
import TensorCore

/// One model of the list.
struct ModelCase {
  private let path: String
  private let result: String
  private let symbols: [String: Int]

  init(line: String) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    path = fields[0]
    result = fields.count > 1 ? fields[1] : ""
    let pairs = fields.dropFirst(2).compactMap { field -> (String, Int)? in
      guard let mark = field.lastIndex(of: "="), let size = Int(field[field.index(after: mark)...]) else {
        return nil
      }
      return (String(field[..<mark]), size)
    }
    symbols = Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  struct Report: Encodable {
    var path: String
    /// Why the model could not be read, optimized or written.
    var error: String?
    var values: [Value] = []
    /// Where the model declares other types than its operators give.
    var findings: [String] = []
    /// Whether a second inference finds nothing more.
    var isStable = true
    var applications = 0
    var milliseconds = 0.0
  }

  struct Value: Encodable {
    let name: String
    let op: String
    let type: TypeDescription?
    /// The elements that are followed through shape computations.
    let elements: [Int?]?
    let text: String
  }

  func report(_ evaluator: any ConstantEvaluator) -> Report {
    var report = Report(path: path)
    do {
      let model = try Model(ONNXFormat.read(path))
      infer(model, into: &report)
      if !result.isEmpty { report.applications = try optimize(model, evaluator) }
    } catch {
      report.error = "\(error)"
    }
    return report
  }

  // MARK: Inference

  private func infer(_ original: Model, into report: inout Report) {
    var model = original
    let time = ContinuousClock().measure {
      report.findings = ShapeInference.run(on: &model).map(\.description)
    }
    report.milliseconds = Double(time.components.attoseconds) / 1e15
    let edition = model.edition
    ShapeInference.run(on: &model)
    report.isStable = edition == model.edition
    let known = SymbolicValues(of: model)
    for node in model.nodes(of: model.mainGraph) {
      for value in model.outputs(of: node) where !model.isOmitted(value) {
        report.values.append(
          Value(
            name: model.name(of: value), op: "\(model.operatorName(of: node))",
            type: model.type(of: value).map { TypeDescription($0, symbols) },
            elements: known[value]?.map { size(of: $0, symbols) },
            text: model.type(of: value).map { "\($0)" } ?? "?"))
      }
    }
  }

  // MARK: Optimization

  private func optimize(_ original: Model, _ evaluator: any ConstantEvaluator) throws -> Int {
    var model = original
    let manager = PassManager(registry: .builtIn, instrumentation: Instrumentation(verifiesEach: true))
    let report = try manager.run(.exact, on: &model, in: PassContext(evaluator: evaluator))
    try ONNXFormat.write(model.named(), to: result, overwriting: true)
    return report.statistics.applications
  }
}

/// A type with its sizes as numbers, null where they are not known.
indirect enum TypeDescription: Encodable {
  case tensor(element: String, sizes: [Int?]?)
  case sequence(TypeDescription)
  case optional(TypeDescription)
  case other

  init(_ type: ValueType, _ symbols: [String: Int]) {
    switch type {
    case .tensor(let type):
      let sizes = type.shape?.dimensions.map { size(of: $0, symbols) }
      self = .tensor(element: "\(type.elementType)", sizes: sizes)
    case .sequence(let element): self = .sequence(TypeDescription(element, symbols))
    case .optional(let element): self = .optional(TypeDescription(element, symbols))
    default: self = .other
    }
  }

  private enum CodingKeys: CodingKey { case tensor, shape, sequence, optional }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .tensor(let element, let sizes):
      try container.encode(element, forKey: .tensor)
      try container.encodeIfPresent(sizes, forKey: .shape)
    case .sequence(let element): try container.encode(element, forKey: .sequence)
    case .optional(let element): try container.encode(element, forKey: .optional)
    case .other: break
    }
  }
}

private func size(of dimension: TensorCore.Dimension, _ symbols: [String: Int]) -> Int? {
  switch dimension {
  case .unknown: nil
  case .fixed(let size): size
  case .symbolic(let expression): expression.evaluated(with: symbols)
  }
}
