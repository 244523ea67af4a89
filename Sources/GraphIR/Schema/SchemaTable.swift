import Synchronization
import TensorCore

/// The schemas as text, a line each, sorted by qualified name and version: a lookup finds its lines by binary
/// search and reads only those, so that nothing is paid at start-up, and compilers see one literal.
///
/// A line is `name since[-deprecated]|inputs|outputs|attributes|constraints`, where
/// - an input or output is `name:type`; `name?` is optional, `name*1` variadic with at least one operand,
///   `name*1~` the same with operands of different types;
/// - a type is one of the constraints' variables or as in ONNX's textual syntax, without a shape;
/// - an attribute is `name:kind`, `name:kind!` where required, with `=default` where there is one, lists
///   separated by commas, strings percent-encoded;
/// - a constraint is `variable:n`, and line n of `typeSets` lists its types.
enum SchemaTable {
  private static let cache = Mutex<[OperatorName: [OperatorSchema]]>([:])

  /// Every version of `op`, oldest first; empty for an operator that the table does not have.
  static func versions(of op: OperatorName) -> [OperatorSchema] {
    guard op.overload.isEmpty else { return [] }
    if let known = cache.withLock({ $0[op] }) { return known }
    let key = Array((op.description + " ").utf8)
    let parsed = schemas.lines(startingWith: key).compactMap { line in
      SchemaLine(line).schema(of: op)
    }
    // Names that do not exist are not kept: there is no end of them.
    if !parsed.isEmpty { cache.withLock { $0[op] = parsed } }
    return parsed
  }

  static let typeSetLines: [String] = typeSets.withUTF8Buffer { text in
    text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  static var allLines: [String] {
    schemas.withUTF8Buffer { text in
      text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
  }
}

extension StaticString {
  /// The lines that start with `key`, where lines are sorted bytewise as far as keys reach.
  fileprivate func lines(startingWith key: [UInt8]) -> [String] {
    withUTF8Buffer { text in
      var found: [String] = []
      var start = text.firstLine(notBefore: key)
      while text[start...].starts(with: key) {
        let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
        found.append(String(decoding: text[start..<end], as: UTF8.self))
        start = min(end + 1, text.endIndex)
      }
      return found
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where the first line starts that is not before `key`, by halving the text.
  fileprivate func firstLine(notBefore key: [UInt8]) -> Int {
    var low = 0
    var high = endIndex
    while low < high {
      let start = startOfLine(at: low + (high - low) / 2, notBefore: low)
      if self[start...].prefix(key.count).lexicographicallyPrecedes(key) {
        let end = self[start...].firstIndex(of: UInt8(ascii: "\n")) ?? endIndex
        low = Swift.min(end + 1, endIndex)
      } else {
        high = start
      }
    }
    return low
  }

  private func startOfLine(at index: Int, notBefore low: Int) -> Int {
    var start = index
    while start > low, self[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return start
  }
}
