extension Rewriter {
  /// Leaves out an output that nothing reads. Outputs behind the last that is not left out are gone.
  public mutating func omit(_ output: ValueID) {
    precondition(!model.hasUses(output), "an output that is read cannot be left out")
    guard let node = model.producer(of: output) else { return }
    model.values[output].isOmitted = true
    while let last = model.outputs(of: node).last, model.isOmitted(last) {
      model.values[last].isErased = true
      model.nodes[node].outputCount -= 1
    }
    noteChanged(node)
  }

  /// Lets a node give an output that it left out.
  mutating func restore(_ output: ValueID) {
    guard model.isOmitted(output), let node = model.producer(of: output) else { return }
    model.values[output].isOmitted = false
    noteChanged(node)
  }
}
