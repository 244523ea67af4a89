import GraphIR
import Kernels
import TensorCore

/// How much a value varies on calibration data, summed over the indices of its channel axis.
struct ChannelVariation {
  /// Nil for the last.
  private let axis: Int?
  private var sums: [Double] = []
  private var squares: [Double] = []
  private var positions = 0

  init(axis: Int?) {
    self.axis = axis
  }

  mutating func add(_ batch: Tensor) {
    let axis = axis ?? batch.rank - 1
    guard batch.elementType == .float32, batch.dimensions.indices.contains(axis), batch.elementCount > 0
    else {
      return
    }
    let layout = AxisLayout(
      outer: batch.dimensions[..<axis].reduce(1, *), perGroup: batch.dimensions[axis],
      inner: batch.dimensions[(axis + 1)...].reduce(1, *))
    if sums.isEmpty {
      sums = [Double](repeating: 0, count: layout.axisLength)
      squares = sums
    }
    guard sums.count == layout.axisLength else { return }
    batch.withUnsafeBytes { addMoments($0, layout, sums: &sums, squares: &squares) }
    positions += layout.outer * layout.inner
  }

  /// The variance, for one position; nil where nothing varies, or nothing finite came.
  var variance: Double? {
    guard positions > 0 else { return nil }
    let count = Double(positions)
    let total = zip(sums, squares).reduce(0) { $0 + $1.1 / count - $1.0 / count * ($1.0 / count) }
    return total.isFinite && total > 0 ? total : nil
  }
}

extension Model {
  /// The sum that a layer's output goes into and nothing else, past a constant bias; nil where there is none.
  func residualSum(after node: NodeID) -> ValueID? {
    var value = output(0, of: node)
    for _ in 0..<2 {
      guard let current = value, hasOneUse(current), let use = uses(of: current).first,
        !isTerminator(use.user), operatorName(of: use.user) == OperatorName("Add"),
        let other = input(1 - use.index, of: use.user), let sum = output(0, of: use.user)
      else { return nil }
      if constant(other) == nil { return shape(of: sum) == shape(of: current) ? sum : nil }
      value = sum
    }
    return nil
  }
}
