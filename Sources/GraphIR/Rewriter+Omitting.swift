extension Rewriter {
  /// Leaves out an optional output that nothing reads: it has no name in files.
  public mutating func omit(_ output: ValueID) {
    precondition(!model.hasUses(output) && model.producer(of: output) != nil, "the output is read")
    touch()
    model.values[output].isOmitted = true
  }
}
