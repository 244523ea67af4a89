import GraphIR
import PassPipeline
import Rewriting
import TensorCore

/// Looks labels up once instead of twice: what the second `LabelEncoder` makes of the first one's values, and of its
/// default, is known.
///
/// Legal for whole numbers and texts between, whose keys and values are lists of attributes; nothing else reads what
/// is between. Versions from 2 on.
struct MergeLabelEncoders: RewriteRule {
  static let summary = "LabelEncoder(LabelEncoder(x)) → LabelEncoder(x)"
  static let exactness = Exactness.bitwise

  var body: [Rewrite] {
    let x = Var("x"), inner = Capture("inner").exclusive, outer = Capture("outer")
    let encoder = Op.named("LabelEncoder", domain: "ai.onnx.ml")
    encoder(encoder(x, as: inner), as: outer) => { m in
      let first = try LabelTable(m[inner]), second = try LabelTable(m[outer])
      return try encoder(x, attributes: first.followed(by: second))
    }
  }

  static let given = "int64[N] x in 0...4; int64[3] n"

  private static func encoder(
    _ name: String, _ input: String, _ keys: String, _ values: String, _ more: String = ""
  ) -> String {
    "\(name) = \"ai.onnx.ml\".LabelEncoder<\(keys), \(values)\(more)>(\(input)); "
  }

  static let examples: [Example] = [
    .rewrites(
      encoder(
        "h", "x", "keys_int64s = [1, 2, 3]", "values_strings = [\"a\", \"b\", \"c\"]",
        ", default_string = \"d\"")
        + encoder(
          "y", "h", "keys_strings = [\"b\", \"a\", \"d\"]", "values_int64s = [5, 6, 7]", ", default_int64 = 9"
        ),
      to: encoder("y", "x", "keys_int64s = [1, 2, 3]", "values_int64s = [6, 5, 9]", ", default_int64 = 7")),
    .rewrites(
      encoder("h", "x", "keys_int64s = [1, 2]", "values_int64s = [3, 4]")
        + encoder("y", "h", "keys_int64s = [3, -1]", "values_floats = [0.5, 2.5]"),
      to: encoder(
        "y", "x", "keys_int64s = [1, 2]", "values_floats: floats = [0.5, -0.0]", ", default_float = 2.5")),
    .keeps(
      encoder("h", "x", "keys_int64s = [1, 2]", "values_floats = [3.5, 4.5]")
        + encoder("y", "h", "keys_floats = [3.5, 4.5]", "values_int64s = [5, 6]"),
      because: "runtimes compare floats in their ways"),
    .keeps(
      encoder("h", "x", "keys_int64s = [1, 2]", "values_int64s = [3, 4]")
        + encoder("y", "h", "keys_int64s = [3, -1]", "values_int64s = [5, 6]") + "z = Neg(h)",
      because: "what is between is read"),
  ]
}

/// A `LabelEncoder` as lists of labels.
private struct LabelTable {
  enum Label: Hashable {
    case int(Int64)
    case text(ByteString)
    case float(UInt32)
  }

  let keys: Attribute
  let values: [Label]
  let lookup: [Label: Label]
  let other: Label

  init(_ node: NodeView) throws {
    let attributes = node.attributes.attributes
    func list(_ prefix: String) throws -> Attribute {
      let given = attributes.filter { $0.name.hasPrefix(prefix) }
      guard given.count == 1, !given[0].name.hasSuffix("_tensor") else {
        throw MatchFailure("'\(prefix)…' is no single list")
      }
      return given[0]
    }
    keys = try list("keys_")
    let labels = try Self.labels(of: keys)
    values = try Self.labels(of: list("values_"))
    guard labels.count == values.count, let kind = values.first,
      !attributes.contains(where: { $0.name == "default_tensor" })
    else { throw MatchFailure("keys and values do not fit") }
    switch kind {
    case .int: other = .int(Int64(try node.int("default_int64")))
    case .text: other = .text(ByteString(try node.string("default_string")))
    case .float: other = .float(Float(try node.float("default_float")).bitPattern)
    }
    guard Set(labels).count == labels.count else { throw MatchFailure("a key is there twice") }
    lookup = Dictionary(uniqueKeysWithValues: zip(labels, values))
  }

  private static func labels(of attribute: Attribute) throws -> [Label] {
    switch attribute.value {
    case .ints(let list): return list.map(Label.int)
    case .strings(let list): return list.map(Label.text)
    case .floats(let list): return list.map { Label.float($0.bitPattern) }
    default: throw MatchFailure("'\(attribute.name)' is no list")
    }
  }

  /// The attributes of one encoder that does what both do.
  func followed(by next: LabelTable) throws -> AttributeList {
    if case .float = other { throw MatchFailure("floats lie between") }
    let results = values.map { next.lookup[$0] ?? next.other }
    switch next.lookup[other] ?? next.other {
    case .int(let label):
      let list = results.compactMap { if case .int(let label) = $0 { label } else { nil } }
      return attributes("values_int64s", .ints(list), "default_int64", .int(label))
    case .text(let label):
      let list = results.compactMap { if case .text(let label) = $0 { label } else { nil } }
      return attributes("values_strings", .strings(list), "default_string", .string(label))
    case .float(let bits):
      let list = results.compactMap { if case .float(let bits) = $0 { Float(bitPattern: bits) } else { nil } }
      return attributes("values_floats", .floats(list), "default_float", .float(Float(bitPattern: bits)))
    }
  }

  private func attributes(
    _ valuesName: String, _ values: AttributeValue, _ defaultName: String, _ standard: AttributeValue
  ) -> AttributeList {
    AttributeList([keys, Attribute(valuesName, values), Attribute(defaultName, standard)])
  }
}
