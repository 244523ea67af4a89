extension Model {
  /// What references to a function's attributes mean in a call: what the call gives, or else the defaults.
  ///
  /// Nil where that cannot be said: the call gives what the function does not have, or bodies; or it lies in a
  /// function itself and passes on an attribute which may have no value there, while there is a default here.
  public func attributeValues(of call: NodeID, calling function: FunctionID) -> [String: AttributeValue]? {
    let record = functionTable[function]
    var values: [String: AttributeValue] = [:]
    for attribute in record.defaultedAttributes { values[attribute.name] = attribute.value }
    for attribute in attributes(of: call) {
      let hasDefault = values[attribute.name] != nil
      guard hasDefault || record.requiredAttributes.contains(attribute.name) else { return nil }
      if hasDefault, case .reference(let name, _) = attribute.value, !hasDefaultAttribute(name, around: call)
      {
        return nil
      }
      values[attribute.name] = attribute.value
    }
    return values.values.contains { !$0.bodies.isEmpty } ? nil : values
  }

  /// Whether `node` lies in a function whose attribute `name` always has a value.
  private func hasDefaultAttribute(_ name: String, around node: NodeID) -> Bool {
    guard case .function(let function) = kind(of: root(of: graph(of: node))) else { return false }
    return functionTable[function].defaultedAttributes.contains { $0.name == name }
  }
}
