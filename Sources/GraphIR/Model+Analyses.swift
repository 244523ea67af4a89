extension Model {
  /// Attributes of a function that have default values.
  public func defaultAttributes(of function: FunctionID) -> [Attribute] {
    functionTable[function].defaultedAttributes
  }
}

extension Model {
  /// An upper bound of the handles' indexes of nodes: how many there ever were.
  public var nodeCapacity: Int { nodes.count }
}
