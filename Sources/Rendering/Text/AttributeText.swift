import GraphIR
import TensorCore

/// Attributes in words: those that matter on a node, all of them in its tooltip.
enum AttributeText {
  /// At most this many parts of at most that many characters.
  private static let partLimit = 6
  private static let valueLimit = 28

  /// As in `3×3`, `stride 2`, `pad 1`: what differs from the operator's defaults and says what it does.
  static func parts(_ attributes: [Attribute], of op: OperatorName, schema: OperatorSchema?) -> [String] {
    if let trees = treeParts(attributes) { return trees }
    var parts: [String] = []
    for attribute in attributes.sorted(by: { rank($0.name) < rank($1.name) }) {
      guard !isDefault(attribute, in: schema), let part = part(attribute, of: op) else { continue }
      parts.append(part)
    }
    return Array(parts.prefix(partLimit))
  }

  /// The order in which people name the parameters of a convolution; others follow by name.
  private static func rank(_ name: String) -> (position: Int, name: String) {
    (order.firstIndex(of: name) ?? order.count, name)
  }

  private static let order = ["kernel_shape", "strides", "pads", "auto_pad", "dilations", "group"]

  /// Numerical fine print and what is only for training.
  private static let quiet: Set<String> = [
    "epsilon", "momentum", "training_mode", "seed", "spatial", "consumed_inputs", "storage_order", "is_test",
  ]

  private static func part(_ attribute: Attribute, of op: OperatorName) -> String? {
    let name = attribute.name
    guard !quiet.contains(name) else { return nil }
    switch (name, attribute.value) {
    case ("kernel_shape", .ints(let sizes)): return sizes.isEmpty ? nil : product(sizes)
    case ("strides", .ints(let steps)): return perAxis("stride", steps, neutral: 1)
    case ("dilations", .ints(let steps)): return perAxis("dilation", steps, neutral: 1)
    case ("pads", .ints(let pads)): return padding(pads)
    case ("group", .int(let count)): return count == 1 ? nil : "group \(count)"
    case ("auto_pad", .string(let mode)):
      return mode == "NOTSET" ? nil : "pad \(mode)".shown(atMost: valueLimit)
    case ("to", .int(let code)): return "to \(elementType(code))"
    case (_, .graph), (_, .graphs): return nil
    default: return "\(name.shown(atMost: 20)) \(capped(text(attribute.value)))"
    }
  }

  private static func capped(_ text: String) -> String { text.shown(atMost: valueLimit) }

  private static func perAxis(_ word: String, _ values: [Int64], neutral: Int64) -> String? {
    guard let first = values.first, values.contains(where: { $0 != neutral }) else { return nil }
    if values.allSatisfy({ $0 == first }) { return "\(word) \(first)" }
    return "\(word) \(product(values))"
  }

  private static func product(_ sizes: [Int64]) -> String {
    capped(sizes.prefix(8).map(String.init).joined(separator: "×"))
  }

  /// Begins and ends that are equal are said once.
  private static func padding(_ pads: [Int64]) -> String? {
    let half = pads.count / 2
    guard pads.count == 2 * half, pads.prefix(half).elementsEqual(pads.suffix(half)) else {
      return "pad \(capped(text(AttributeValue.ints(pads))))"
    }
    return perAxis("pad", Array(pads.prefix(half)), neutral: 0)
  }

  private static func elementType(_ code: Int64) -> String {
    Int32(exactly: code).flatMap(ElementType.init(rawValue:))?.description ?? "type \(code)"
  }

  /// A tree ensemble is as long as its tables; what matters is how many trees and nodes there are.
  private static func treeParts(_ attributes: [Attribute]) -> [String]? {
    guard let ids = attributes.first(where: { $0.name == "nodes_treeids" })?.value.ints else { return nil }
    var parts = ["\(Set(ids).count) trees", "\(ids.count) nodes"]
    if let transform = attributes.first(where: { $0.name == "post_transform" })?.value.string,
      transform != "NONE"
    {
      parts.append(transform.shown(atMost: valueLimit))
    }
    return parts
  }

  // MARK: Values

  private static func isDefault(_ attribute: Attribute, in schema: OperatorSchema?) -> Bool {
    guard let value = schema?.attribute(named: attribute.name)?.default else { return false }
    return text(value) == text(attribute.value)
  }

  /// Numbers and strings as they are, long lists by their beginning, anything bigger by its type.
  static func text<Body>(_ value: AttributeValueOf<Body>) -> String {
    switch value {
    case .float(let number): NumberText.short(Double(number))
    case .int(let number): "\(number)"
    case .string(let string): quoted(string)
    case .floats(let numbers): list(numbers) { NumberText.short(Double($0)) }
    case .ints(let numbers): list(numbers) { "\($0)" }
    case .strings(let strings): list(strings, quoted)
    case .tensor(let tensor): ConstantText.value(tensor.tensor)
    case .sparseTensor(let tensor): "sparse \(TypeText.short(Shape(fixed: tensor.dimensions)))"
    case .type(let type): TypeText.short(type.type)
    case .graph: "body"
    case .tensors(let values): "\(values.count) tensors"
    case .graphs(let values): "\(values.count) bodies"
    case .sparseTensors(let values): "\(values.count) sparse tensors"
    case .types(let values): "\(values.count) types"
    case .reference(let name, _): "@\(name.shown(atMost: valueLimit))"
    }
  }

  private static func quoted(_ string: ByteString) -> String {
    String(decoding: string.bytes.prefix(400), as: UTF8.self).shown(atMost: 80)
  }

  private static func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
    let shown = elements.prefix(elements.count > 8 ? 4 : 8).map(text).joined(separator: ", ")
    return elements.count > 8 ? "[\(shown), … \(elements.count)]" : "[\(shown)]"
  }
}

enum NumberText {
  /// Shortest decimal digits, without a fraction where there is none.
  static func short(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e9 { return String(Int(number)) }
    let float = Float(number)
    return Double(float) == number ? "\(float)" : "\(number)"
  }

  /// With commas between groups of three digits: 1,234,567.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: position)
      position -= 3
    }
    return (number < 0 ? "−" : "") + String(digits)
  }
}
