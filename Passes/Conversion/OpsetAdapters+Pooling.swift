import GraphIR
import TensorCore

extension OpsetAdapters {
  static let pooling: [Adapter] = [
    Adapter(["AveragePool"], 19) { upgrade, rewriter in
      // What a window covers beyond the padding counted, and does not any more.
      guard try upgrade.value("count_include_pad")?.int ?? 0 != 0 else { return }
      try upgrade.requireWindowsThat(.endWithinPadding, in: rewriter.model)
    },
    Adapter(["AveragePool", "MaxPool"], 22) { upgrade, rewriter in
      try upgrade.requireWindowsThat(.startBeforeEndPadding, in: rewriter.model)
    },
    Adapter(["GlobalLpPool", "LpPool"], 2) { upgrade, _ in
      let p = try upgrade.unwrap(upgrade.value("p")?.float, "'p' is no number")
      let power = try upgrade.unwrap(Int(exactly: p), "'p' is \(p), and must be whole from 2 on")
      upgrade.set("p", to: .init(power))
    },
  ]
}

/// What windows of a pooling with `ceil_mode` must do so that versions agree on them.
private enum WindowCondition {
  case endWithinPadding
  case startBeforeEndPadding
}

extension NodeUpgrade {
  fileprivate func requireWindowsThat(_ condition: WindowCondition, in model: Model) throws {
    guard try value("ceil_mode")?.int ?? 0 != 0, try value("auto_pad")?.string ?? "NOTSET" == "NOTSET" else {
      return
    }
    let kernel = try unwrap(value("kernel_shape")?.ints, "'kernel_shape' is missing")
    let ones = [Int](repeating: 1, count: kernel.count)
    let strides = try value("strides")?.ints ?? ones
    let dilations = try value("dilations")?.ints ?? ones
    let pads = try value("pads")?.ints ?? [Int](repeating: 0, count: 2 * kernel.count)
    let sizes = input(0).flatMap { model.shape(of: $0) }?.dimensions.dropFirst(2).map(\.fixedSize)
    guard strides.count == kernel.count, dilations.count == kernel.count, pads.count == 2 * kernel.count
    else {
      throw UpgradeRefusal("kernel, strides and pads do not fit")
    }
    for axis in kernel.indices {
      let window = PoolingAxis(
        kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], begin: pads[axis],
        end: pads[kernel.count + axis], size: sizes.flatMap { $0.indices.contains(axis) ? $0[axis] : nil })
      try require(window.satisfies(condition), "with ceil_mode, versions differ on windows in the padding")
    }
  }
}

private struct PoolingAxis {
  let kernel: Int
  let stride: Int
  let dilation: Int
  let begin: Int
  let end: Int
  let size: Int?

  func satisfies(_ condition: WindowCondition) -> Bool {
    let numbers = [
      kernel.subtractingReportingOverflow(1).partialValue,
      stride.subtractingReportingOverflow(1).partialValue, dilation, begin, end, size ?? 1,
    ]
    guard numbers.allSatisfy({ (0..<1 << 24).contains($0) }) else { return false }
    let kernel = (kernel - 1) * dilation + 1
    // Whatever the size, the last window starts less than `stride` after the last place where it would fit.
    if condition == .startBeforeEndPadding, stride + end <= kernel { return true }
    guard let size else { return stride == 1 }
    let span = begin + size + end - kernel
    guard span >= 0 else { return false }
    let lastStart = (span + stride - 1) / stride * stride
    return switch condition {
    case .endWithinPadding: lastStart <= span
    case .startBeforeEndPadding: lastStart < begin + size
    }
  }
}
