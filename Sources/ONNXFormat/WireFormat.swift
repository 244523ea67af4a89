/// How the payload of a field is laid out (Protocol Buffers, "Encoding").
enum WireType: Int {
  case varint = 0
  case fixed64 = 1
  /// A length, then that many bytes: strings, messages, packed numbers.
  case bytes = 2
  case startGroup = 3
  case endGroup = 4
  case fixed32 = 5
}

/// A field's tag, as it was read.
struct WireField {
  var number: Int
  var type: WireType
  /// Where the tag starts in the source.
  var start: Int
  /// Where the payload starts.
  var payload: Int
}

/// Bytes that are no protocol buffer, or none of this schema.
struct DecodingFailure: Error {
  enum Place {
    case node(String)
    case part(String)
  }

  var reason: String
  var hint: String?
  /// Where in the model, outermost first.
  var places: [Place] = []

  init(_ reason: String, at offset: Int? = nil, hint: String? = nil) {
    self.reason = offset.map { "\(reason) at byte \($0)" } ?? reason
    self.hint = hint
  }

  /// `error`, known to have happened inside `place`.
  static func wrapping(_ error: any Error, in place: Place) -> DecodingFailure {
    var failure = error as? DecodingFailure ?? DecodingFailure("\(error)")
    failure.places.insert(place, at: 0)
    return failure
  }

  static func wrapping(_ error: any Error, in part: String) -> DecodingFailure {
    wrapping(error, in: .part(part))
  }
}
