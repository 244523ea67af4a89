import TensorCore

/// Prints models in ONNX's textual syntax, so that `NamedModel(parsing:)` reads the same model back.
///
/// What the standard syntax cannot say goes into `#@` comments, which other readers pass over; see
/// `Docs/TextSyntax.md`.
public struct ModelPrinter: Sendable {
  /// What becomes of tensors that are too large to read.
  public enum LargeTensors: Hashable, Sendable {
    case print
    /// As external data that lies in its file already, where that file is in `folder`; left out otherwise.
    case refer(folder: String)
    /// `…`: the text is for people only, nothing reads it back.
    case leaveOut
  }

  /// How elements are printed whose type C++ lacks; the parser reads both.
  public enum ElementStyle: Hashable, Sendable {
    /// Their bits as whole numbers, and several elements in a byte as that byte: what other readers expect.
    case bits
    /// Their values: `float16[2] {0.5, 1.0}`, `int4[2] {-8, 7}`.
    case values
  }

  public var largeTensors = LargeTensors.print
  /// Tensors with more elements are large.
  public var largeElementCount = 64
  public var elementStyle = ElementStyle.bits
  /// Lists that are longer stand on several lines.
  public var lineLength = 100

  public init(
    largeTensors: LargeTensors = .print, largeElementCount: Int = 64, elementStyle: ElementStyle = .bits
  ) {
    self.largeTensors = largeTensors
    self.largeElementCount = largeElementCount
    self.elementStyle = elementStyle
  }

  /// The text, with a newline at its end.
  public func print(_ model: NamedModel) -> String {
    let parts = [header(model.header), outermost(model.graph)] + model.functions.map(function)
    return parts.joined(separator: "\n") + "\n"
  }

  /// `name (inputs) => (outputs) { nodes }`, with a newline at its end.
  public func print(_ graph: NamedGraph) -> String {
    outermost(graph) + "\n"
  }

  /// Notes begin a line, which the text's start does already.
  private func outermost(_ graph: NamedGraph) -> String {
    let text = self.graph(graph, indent: 0)
    return text.hasPrefix("\n") ? String(text.dropFirst()) : text
  }

  /// The node alone, as it stands between a graph's braces, without a newline at its end.
  public func print(_ node: NamedNode) -> String {
    self.node(node, indent: 0)
  }

  // MARK: Layout

  /// An element of a list, and the notes before it.
  struct Item {
    var notes: [String] = []
    var text: String
  }

  /// `open a, b close` on one line, or an element a line where there are notes or it would be too long.
  func list(_ open: String, _ items: [Item], _ close: String, indent: Int) -> String {
    let isShort = items.count < 2 || items.reduce(0) { $0 + $1.text.utf8.count + 2 } + indent <= lineLength
    let fitsLine = items.allSatisfy { $0.notes.isEmpty && !$0.text.utf8.contains(UInt8(ascii: "\n")) }
    if isShort && fitsLine { return open + items.map(\.text).joined(separator: ", ") + close }
    let inner = indented(indent + 2)
    let lines = items.enumerated().map { index, item in
      (item.notes + [item.text + (index < items.count - 1 ? "," : "")]).map { inner + $0 }
        .joined(separator: "\n")
    }
    return open + "\n" + lines.joined(separator: "\n") + "\n" + indented(indent) + close
  }

  /// `text` after its notes, which begin a line of their own.
  func noted(_ notes: [String], _ text: String, indent: Int) -> String {
    guard !notes.isEmpty else { return text }
    return (notes + [text]).map { "\n" + indented(indent) + $0 }.joined()
  }

  func indented(_ count: Int) -> String { String(repeating: " ", count: count) }

  // MARK: Names and literals

  /// Plain where the standard's parser takes it for a name, in quotes otherwise.
  func name(_ text: String) -> String {
    let bytes = text.utf8
    let isPlain = bytes.first?.startsIdentifier == true && bytes.allSatisfy(\.continuesIdentifier)
    return isPlain && !TextParser.isTypeName(text) ? text : quoted(text)
  }

  func names(_ names: [String]) -> String { names.map(name).joined(separator: ", ") }

  func quoted(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) else {
      return "\"" + text + "\""
    }
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return "\"" + String(decoding: bytes, as: UTF8.self) + "\""
  }

  func quoted(_ string: ByteString) -> String {
    string.text.map(quoted) ?? hex(string.bytes)
  }

  /// `x"00ff"`
  func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return "x\"" + String(decoding: text, as: UTF8.self) + "\""
  }
}
