import TensorCore

/// How a kernel slides over the spatial axes of a convolution or pool: the arithmetic of sizes.
struct SlidingWindow {
  private enum Padding {
    /// [before of each axis…, after of each axis…]
    case explicit([Int])
    /// So that there is an output for every stride.
    case same
    /// Such as the standard and ONNX Runtime do not agree on.
    case disputed
  }

  private let kernel: [Dimension]
  private let strides: [Int]
  private let dilations: [Int]
  private let padding: Padding
  private let roundsUp: Bool

  init(_ node: InferenceContext, kernel: [Dimension], isPool: Bool = false) {
    self.kernel = kernel
    strides = node.ints("strides") ?? []
    let dilations = node.ints("dilations") ?? []
    self.dilations = dilations
    roundsUp = node.own("ceil_mode")?.int == 1
    switch node.string("auto_pad") {
    // For pools, ONNX Runtime pads as if there were no dilation.
    case "SAME_UPPER", "SAME_LOWER": padding = isPool && dilations.contains { $0 != 1 } ? .disputed : .same
    case "VALID": padding = .explicit([])
    default: padding = .explicit(node.ints("pads") ?? [])
    }
  }

  /// The number of places of the kernel along `axis` of an input of `size`.
  func outputSize(of size: Dimension, axis: Int) -> Dimension {
    let stride = stride(axis)
    guard stride > 0 else { return .unknown }
    switch padding {
    case .same:
      return size.ceilingDivided(by: .fixed(stride))
    case .disputed:
      return .unknown
    case .explicit:
      guard let pads = pads(axis), !extent(axis).isUnknown else { return .unknown }
      let room = size + .fixed(pads.before) + .fixed(pads.after) - extent(axis)
      guard (room.fixedSize ?? 0) >= 0 else { return .unknown }
      guard roundsUp else { return room.floorDivided(by: .fixed(stride)) + 1 }
      return roundedUp(room, size: size, pads: pads, stride: stride, extent: extent(axis))
    }
  }

  /// With `ceil_mode`, a last place that would start in the padding behind the input is left out. So the standard
  /// says from version 22 on; ONNX Runtime does so in all versions, other than its own shape inference.
  private func roundedUp(
    _ room: Dimension, size: Dimension, pads: (before: Int, after: Int), stride: Int, extent: Dimension
  ) -> Dimension {
    let count = room.ceilingDivided(by: .fixed(stride)) + 1
    if let count = count.fixedSize, let size = size.fixedSize {
      let (start, overflow) = (count - 1).multipliedReportingOverflow(by: stride)
      guard !overflow else { return .unknown }
      return .fixed(start >= size + pads.before ? count - 1 : count)
    }
    // The last place starts less than `stride` behind the last that fits: at most this far behind the input.
    let (reach, overflow) = pads.after.addingReportingOverflow(stride)
    guard let extent = extent.fixedSize, !overflow, reach <= extent else { return .unknown }
    return count
  }

  /// The size along `axis` of what a transposed convolution or unpooling makes of `size` places.
  func inputSize(of size: Dimension, axis: Int, extra: Int) -> Dimension {
    let stride = stride(axis)
    guard stride > 0 else { return .unknown }
    switch padding {
    case .same: return size * .fixed(stride)
    case .disputed: return .unknown
    case .explicit:
      guard let pads = pads(axis) else { return .unknown }
      let unpadded = (size - 1) * .fixed(stride) + extent(axis) + .fixed(extra)
      return unpadded - .fixed(pads.before) - .fixed(pads.after)
    }
  }

  private func stride(_ axis: Int) -> Int { axis < strides.count ? strides[axis] : 1 }

  /// How far the dilated kernel reaches.
  private func extent(_ axis: Int) -> Dimension {
    guard axis < kernel.count else { return .unknown }
    let dilation = axis < dilations.count ? dilations[axis] : 1
    return (kernel[axis] - 1) * .fixed(dilation) + 1
  }

  /// Nil for pads that no implementation could make.
  private func pads(_ axis: Int) -> (before: Int, after: Int)? {
    guard case .explicit(let pads) = padding, !pads.isEmpty else { return (before: 0, after: 0) }
    let half = pads.count / 2
    guard pads.count == 2 * kernel.count, axis < half else { return nil }
    let pair = (before: pads[axis], after: pads[half + axis])
    let limit = 1 << 32
    guard abs(pair.before.clamped(to: limit)) < limit, abs(pair.after.clamped(to: limit)) < limit
    else { return nil }
    return pair
  }
}

extension Int {
  /// This number, at most `limit` away from zero.
  fileprivate func clamped(to limit: Int) -> Int { Swift.min(Swift.max(self, -limit), limit) }
}
