import GraphIR

extension OperatorName {
  /// The attributes that older versions have in place of the input `name`: mostly of the same name.
  func attributeNames(ofInput name: String) -> [String] {
    guard isStandard else { return [name] }
    return switch (self.name, name) {
    case ("Pad", "constant_value"): [name, "value"]
    case ("Pad", "pads"): [name, "paddings"]
    default: [name]
    }
  }
}
