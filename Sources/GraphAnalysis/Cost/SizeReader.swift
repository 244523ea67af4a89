import GraphIR
import TensorCore

/// Sizes as numbers, under bindings of the symbols.
struct SizeReader {
  let model: Model
  let bindings: [String: Int]

  /// The size, 1 where it is not known. Symbols that are not bound are 1.
  func number(_ size: Dimension) -> Int { max(exactNumber(size) ?? 1, 0) }

  private func exactNumber(_ size: Dimension) -> Int? {
    switch size {
    case .unknown: return nil
    case .fixed(let number): return number
    case .symbolic(let expression): return expression.evaluated { bindings[$0] ?? 1 }
    }
  }

  /// All sizes of a value; nil where not even the rank is known.
  func sizes(of value: ValueID?) -> [Int]? {
    value.flatMap { model.shape(of: $0) }?.dimensions.map(number)
  }

  func elementCount(of value: ValueID) -> Int {
    (sizes(of: value) ?? []).reduce(1) { $0.saturatingMultiply($1) }
  }

  /// Elements of a type without a fixed size count nothing.
  func byteCount(of value: ValueID) -> Int {
    guard let elementType = model.elementType(of: value), elementType != .string else { return 0 }
    return elementType.byteCount(ofElements: elementCount(of: value)) ?? .max
  }

  func isUnsized(_ node: NodeID) -> Bool {
    model.outputs(of: node).contains { output in
      guard !model.isOmitted(output) else { return false }
      guard let type = model.type(of: output) else { return true }
      guard case .tensor(let tensor) = type else { return false }
      return tensor.shape?.dimensions.contains { exactNumber($0) == nil } ?? true
    }
  }
}

extension Int {
  func saturatingAdd(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// For factors that are not negative.
  func saturatingMultiply(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
