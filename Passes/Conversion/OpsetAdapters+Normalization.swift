import GraphIR
import TensorCore

extension OpsetAdapters {
  static let normalization: [Adapter] = [
    Adapter(["BatchNormalization"], 7) { upgrade, _ in
      try upgrade.require(
        upgrade.value("is_test")?.int ?? 0 != 0, "statistics come from the batch")
      upgrade.remove("is_test")
    },
    Adapter(["BatchNormalization"], 9) { upgrade, _ in
      try upgrade.require(
        upgrade.value("spatial")?.int != 0, "there are statistics for each position (spatial = 0)")
      upgrade.remove("spatial")
    },
    Adapter(["BatchNormalization"], 14) { upgrade, rewriter in
      let outputs = rewriter.model.outputs(of: upgrade.node)
      try upgrade.require(
        outputs.dropFirst().allSatisfy { rewriter.model.isOmitted($0) }, "statistics come from the batch")
    },
    Adapter(["Dropout"], 7) { upgrade, rewriter in
      try upgrade.require(upgrade.value("is_test")?.int ?? 0 != 0, "dropout takes place")
      upgrade.remove("is_test")
      try requireUnreadMask(&upgrade, &rewriter)
    },
    Adapter(["Dropout"], 10, requireUnreadMask),
    Adapter(["Dropout"], 12) { upgrade, rewriter in
      // Without `training_mode`, nothing depends on the ratio.
      upgrade.remove("ratio")
      try requireUnreadMask(&upgrade, &rewriter)
    },
    Adapter(["GroupNormalization"], 21, scaleEachChannel),
  ]

  /// What it holds where nothing is dropped has changed.
  private static func requireUnreadMask(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    try upgrade.require(!upgrade.isRead(output: 1, in: rewriter.model), "its mask is read")
  }

  /// Scale and bias were one number for each group, and everything was computed in the input's type.
  private static func scaleEachChannel(_ upgrade: inout NodeUpgrade, _ rewriter: inout Rewriter) throws {
    let groups = try upgrade.unwrap(upgrade.value("num_groups")?.int, "the number of groups is unknown")
    let channels = try upgrade.shape(0, in: rewriter.model).dimensions.dropFirst().first?.fixedSize
    try upgrade.require(channels ?? 0 <= 1 << 24, "\(channels ?? 0) channels are too many")
    for index in 1...2 {
      let perGroup = try upgrade.unwrap(upgrade.input(index), "scale or bias is missing")
      if let tensor = rewriter.model.constant(perGroup), let channels {
        try upgrade.require(
          groups > 0 && channels % groups == 0 && tensor.dimensions == [groups], "groups do not fit")
        let indices = (0..<channels).map { $0 / (channels / groups) }
        let values = try tensor.doubles()
        let wide = try Tensor(tensor.elementType, rounding: indices.map { values[$0] }, [channels])
        upgrade.setInput(index, to: upgrade.add(wide, with: &rewriter))
      } else {
        let channels = try upgrade.unwrap(channels, "the number of channels is unknown")
        try upgrade.require(groups > 0 && channels % groups == 0, "groups do not fit")
        upgrade.setInput(
          index, to: try upgrade.repeated(perGroup, groups: groups, times: channels / groups, &rewriter))
      }
    }
    let elementType = try upgrade.elementType(0, in: rewriter.model)
    if elementType != .float32 { upgrade.set("stash_type", to: .init(Int(elementType.rawValue))) }
  }
}

extension NodeUpgrade {
  /// [groups] → [groups · times], each element `times` times in a row.
  fileprivate func repeated(
    _ value: ValueID, groups: Int, times: Int, _ rewriter: inout Rewriter
  ) throws -> ValueID {
    let type = rewriter.model.elementType(of: value)
    func shaped(_ sizes: [Int]) -> ValueType? { type.map { .tensor($0, Shape(fixed: sizes)) } }
    let axis = add(try Tensor(int64: [1]), with: &rewriter)
    let column = insert("Unsqueeze", [value, axis], type: shaped([groups, 1]), with: &rewriter)
    let sizes = add(try Tensor(int64: [groups, times]), with: &rewriter)
    let table = insert("Expand", [column, sizes], type: shaped([groups, times]), with: &rewriter)
    let flat = add(try Tensor(int64: [-1]), with: &rewriter)
    return insert("Reshape", [table, flat], type: shaped([groups * times]), with: &rewriter)
  }
}
