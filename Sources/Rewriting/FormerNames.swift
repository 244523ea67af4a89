import GraphIR

extension OperatorName {
  /// The attributes that older versions have in place of the input `name`: mostly of the same name.
  func attributeNames(ofInput name: String) -> [String] {
    guard isStandard else { return [name] }
    return switch (self.name, name) {
    case ("Pad", "constant_value"): [name, "value"]
    case ("Pad", "pads"): [name, "paddings"]
    case ("TopK", "K"): [name, "k"]
    default: [name]
    }
  }
}

extension Model {
  /// Whether the node's attributes give it a meaning that its operator's newest version cannot express:
  /// element-wise operators before version 7 broadcast along an `axis`, and `BatchNormalization` before version 9
  /// could keep statistics for each position (`spatial = 0`).
  func hasNoNewestForm(_ node: NodeID) -> Bool {
    let attributes = attributes(of: node)
    guard !attributes.isEmpty else { return false }
    let op = operatorName(of: node)
    guard op.isStandard else { return false }
    if op.name == "BatchNormalization" {
      return attributes.contains { $0.name == "spatial" && $0.value.int != 1 }
    }
    return op.name != "Gemm" && attributes.contains { $0.name == "broadcast" && $0.value.int != 0 }
  }
}
