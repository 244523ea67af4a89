import Foundation
import GraphIR

/// What the pass manager does beside running passes.
public struct Instrumentation: Sendable {
  /// Verifies the model before the first and after every pass that changed it; linear in the model, and cheap.
  public var verifiesEach: Bool
  /// Called after every pass that changed the model.
  public var afterChange: (@Sendable (_ pass: String, _ model: Model) -> Void)?

  public init(
    verifiesEach: Bool = true,
    afterChange: (@Sendable (_ pass: String, _ model: Model) -> Void)? = nil
  ) {
    self.verifiesEach = verifiesEach
    self.afterChange = afterChange
  }
}

public struct PassTiming: Sendable {
  public var pass: String
  public var duration: Duration
  public var changed: Bool
}

/// `{key=value flag}` to a pass's options, by way of JSON.
enum OptionsDecoding {
  static func decode<Options: PassOptions>(
    _ type: Options.Type, from options: [Pipeline.Option], pass: String
  ) throws -> Options {
    do {
      let defaults = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Options()))
      var object = defaults as? [String: Any] ?? [:]
      for option in options {
        let known = object.keys.sorted()
        guard let example = object[option.key] else {
          throw ModelError(
            "pass \(pass) has no option '\(option.key)'",
            hint: known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))")
        }
        object[option.key] = value(option.value, like: example)
      }
      return try JSONDecoder().decode(type, from: JSONSerialization.data(withJSONObject: object))
    } catch let error as DecodingError {
      throw ModelError("pass \(pass): an option has a value of the wrong kind: \(error)")
    }
  }

  private static func value(_ text: String?, like example: Any) -> Any {
    guard let text else { return true }
    if example is String { return text }
    if text == "true" || text == "false" { return text == "true" }
    if let integer = Int(text) { return integer }
    return Double(text).map { $0 as Any } ?? text
  }
}
