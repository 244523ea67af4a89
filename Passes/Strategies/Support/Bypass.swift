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
    guard !model.value(replacement, dependsOn: exit) else {
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
  /// Whether `value` is `other`, or computed from it.
  func value(_ value: ValueID, dependsOn other: ValueID) -> Bool {
    var pending = [value]
    var seen: Set<ValueID> = []
    while let next = pending.popLast() {
      if next == other { return true }
      guard seen.insert(next).inserted, let producer = producer(of: next) else { continue }
      pending += inputs(of: producer).compactMap { $0 } + captures(of: producer)
    }
    return false
  }
}
