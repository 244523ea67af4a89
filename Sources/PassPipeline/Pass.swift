import GraphIR
import Rewriting

/// One step of a pipeline: it reads and edits a model.
public protocol Pass: Sendable {
  associatedtype Options: PassOptions = NoOptions
  /// How pipelines call it; by default the type's name in kebab case.
  static var name: String { get }
  /// One line: what becomes what.
  static var summary: String { get }
  static var exactness: Exactness { get }
  /// Declarations that the examples share.
  static var given: String { get }
  static var examples: [Example] { get }
  init()
  var options: Options { get set }
  /// - Throws: `ModelError` where the options make no sense.
  func validate() throws
  func run(on model: inout Model, in context: inout PassContext) throws
}

/// What a pass may do to the values that a model computes.
public enum Exactness: String, Sendable {
  /// Every output keeps every bit.
  case bitwise
  /// Exact in real numbers; floating-point results may change in the last digits, since operations are
  /// reassociated. The pass's documentation says what happens to NaN, infinities, −0 and overflow.
  case rounding
  /// Results change: needs an accuracy budget, and is no part of exact pipelines.
  case approximate
}

/// Settings of a pass, as `name{key=value}` gives them in a pipeline.
public protocol PassOptions: Codable, Sendable {
  init()
}

public struct NoOptions: PassOptions {
  public init() {}
}

extension Pass {
  public static var name: String { kebabCase(String(describing: Self.self)) }
  public static var given: String { "" }
  public func validate() throws {}
}

extension Pass where Options == NoOptions {
  public var options: NoOptions {
    get { NoOptions() }
    set {}
  }
}

/// `FuseConvBatchNorm` → `fuse-conv-batch-norm`; runs of capitals stay one word.
func kebabCase(_ typeName: String) -> String {
  let characters = Array(typeName)
  var words = ""
  for (index, character) in characters.enumerated() {
    let startsWord =
      character.isUppercase && index > 0
      && (characters[index - 1].isLowercase || characters[index - 1].isNumber
        || (index + 1 < characters.count && characters[index + 1].isLowercase
          && characters[index - 1].isUppercase))
    words += (startsWord ? "-" : "") + character.lowercased()
  }
  return words
}
