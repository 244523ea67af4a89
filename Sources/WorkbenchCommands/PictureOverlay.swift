import CommandLineKit
import Evaluation
import Foundation
import GraphAnalysis
import GraphIR
import Rendering
import Reporting
import TensorCore

/// What `render --overlay` shows.
enum PictureOverlay: String, CaseIterable, OptionValue {
  case bytes, macs, latency, precision, sparsity, sensitivity

  /// What the model itself tells; nil for those that need a measurement.
  func read(from model: Model) -> NodeOverlay? {
    switch self {
    case .bytes: Self.bytes(of: model)
    case .macs: Self.macs(of: model)
    case .precision: Self.precision(of: model)
    case .sparsity: Self.sparsity(of: model)
    case .latency, .sensitivity: nil
    }
  }

  private static func bytes(of model: Model) -> NodeOverlay {
    let costs = CostModel(model)
    return NodeOverlay(
      "weights", .sum, values: values(of: model) { node in Double(costs[node].weightBytes) },
      format: { Quantity.bytes(Int($0.rounded())) })
  }

  private static func macs(of model: Model) -> NodeOverlay {
    let costs = CostModel(model)
    return NodeOverlay(
      "multiply-accumulates of one sample", .sum,
      values: values(of: model) { node in Double(costs.macs(of: node)) },
      format: { Quantity.compact(Int($0.rounded())) })
  }

  /// Of nodes with more than none.
  private static func values(of model: Model, _ value: (NodeID) -> Double) -> [NodeID: NodeOverlay.Measure] {
    var values: [NodeID: NodeOverlay.Measure] = [:]
    for node in model.allNodes {
      let number = value(node)
      // Sums stay within what an integer holds.
      if number > 0 { values[node] = NodeOverlay.Measure(min(number, 1e15)) }
    }
    return values
  }

  private static func precision(of model: Model) -> NodeOverlay {
    var values: [NodeID: NodeOverlay.Measure] = [:]
    for node in model.allNodes {
      let tensors = model.inputs(of: node).compactMap { $0.flatMap { model.constant($0) } }
        .filter {
          $0.rank > 0 && ($0.elementType.isFloatingPoint || $0.elementType.bitWidth <= 8)
            && $0.elementType != .bool
        }
      let elements = tensors.reduce(0.0) { $0 + Double($1.elementCount) }
      guard elements > 0 else { continue }
      let bits = tensors.reduce(0.0) { $0 + Double($1.elementCount) * Double($1.elementType.bitWidth) }
      values[node] = NodeOverlay.Measure(bits / elements, weight: elements)
    }
    return NodeOverlay(
      "bits per weight", .mean, values: values,
      format: { number in
        number == number.rounded() ? "\(Int(number)) bits" : "\(Quantity.fixed(number, digits: 1)) bits"
      })
  }

  private static func sparsity(of model: Model) -> NodeOverlay {
    var values: [NodeID: NodeOverlay.Measure] = [:]
    for weights in WeightSparsity.all(of: model) where weights.elements > 0 {
      let elements = Double(weights.elements)
      values[weights.node] = NodeOverlay.Measure(Double(weights.zeros) / elements, weight: elements)
    }
    return NodeOverlay("zeros among weights", .mean, values: values, format: { Quantity.percent($0) })
  }

  // MARK: Measured

  /// - Returns: the overlay, and the share of the run that nodes of the file have not.
  static func latency(_ times: NodeTimes, of model: Model, title: String) -> (
    overlay: NodeOverlay, lost: Double
  ) {
    var nodes: [String: NodeID] = [:]
    for node in model.allNodes { nodes[model.name(of: node)] = node }
    var values: [NodeID: NodeOverlay.Measure] = [:]
    var lost = 0.0
    for row in times.rows {
      if !row.name.isEmpty, let node = nodes[row.name] {
        values[node] = NodeOverlay.Measure((values[node]?.value ?? 0) + row.seconds)
      } else {
        lost += row.seconds
      }
    }
    let overlay = NodeOverlay(title, .sum, values: values, format: { Quantity.duration(.seconds($0)) })
    return (overlay, times.seconds > 0 ? lost / times.seconds : 0)
  }

  /// Of each node, the change of a sweep that loses most there.
  static func sensitivity(_ report: SensitivityReport, of model: Model) -> NodeOverlay {
    var worst: [String: NodeOverlay.Measure] = [:]
    for change in report.changes {
      guard let effect = change.best else { continue }
      let note =
        effect.sqnrDecibels.map { $0.isFinite ? "\(Quantity.fixed($0, digits: 1)) dB" : "∞ dB" } ?? ""
      let measure = NodeOverlay.Measure(effect.drop.value, note: note)
      for name in change.nodes where measure.value > worst[name]?.value ?? -.infinity {
        worst[name] = measure
      }
    }
    var values: [NodeID: NodeOverlay.Measure] = [:]
    for node in model.allNodes { values[node] = worst[model.label(of: node)] }
    return NodeOverlay(
      "largest drop of \(report.metric.name) by one change, and SQNR of the output", .maximum, values: values,
      format: { [digits = report.digits] in Quantity.fixed($0 == 0 ? 0 : $0, digits: digits) })
  }

  static func readSensitivity(_ path: FilePath) throws -> SensitivityReport {
    let data: Data
    do {
      data = try Data(contentsOf: path.url)
    } catch {
      throw CommandError(describing: error)
    }
    do {
      return try SensitivityReport(json: data)
    } catch {
      throw CommandError("\(path): is no sensitivity.json", help: ["`workbench sensitivity` writes one"])
    }
  }
}
