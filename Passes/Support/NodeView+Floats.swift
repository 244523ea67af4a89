import GraphIR
import Rewriting

extension NodeView {
  /// An attribute that is a list of floats.
  /// - Throws: `MatchFailure` where it is left out or something else.
  func floats(_ name: String) throws -> [Float] {
    guard let list = attributes.attributes.first(where: { $0.name == name })?.value.floats else {
      throw MatchFailure("'\(name)' is no list of floats")
    }
    return list
  }
}
