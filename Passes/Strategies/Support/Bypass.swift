import Candidates
import GraphIR

/// Readers of `exit` read `replacement` instead, and what nobody reads any more goes.
struct Bypass: CandidateEdit, Hashable {
  let exit: ValueID
  let replacement: ValueID

  func apply(to model: inout Model, as name: String) throws {
    guard !model.isErased(exit), let replacement = model.current(replacement), replacement != exit else {
      throw ModelError("no longer applies")
    }
    guard model.computes(replacement, without: exit) else {
      throw ModelError("would make the graph cyclic")
    }
    let producer = model.producer(of: exit)
    try model.edit(as: name) { rewriter in
      try rewriter.replaceAllUses(of: exit, with: replacement)
      if let producer { rewriter.eraseIfDead(producer) }
    }
  }
}

extension Model {
  /// Whether `value` does not depend on `other`, so that it may stand in for it.
  fileprivate func computes(_ value: ValueID, without other: ValueID) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    while let next = pending.popLast() {
      if next == other { return false }
      guard seen.insert(next).inserted, let producer = producer(of: next) else { continue }
      pending += inputs(of: producer).compactMap { $0 } + captures(of: producer)
    }
    return true
  }
}
