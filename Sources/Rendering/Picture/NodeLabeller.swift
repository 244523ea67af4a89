import GraphIR
import TensorCore

/// The texts of one node.
struct NodeLabeller {
  let model: Model
  let options: RenderOptions
  private let outputs: [GraphID: Outline.Outputs]
  private var schemas = SchemaCache()
  private var valueTexts: [ValueID: String] = [:]

  private static let tooltipLimit = 2_000

  init(model: Model, outputs: [GraphID: Outline.Outputs], options: RenderOptions) {
    self.model = model
    self.outputs = outputs
    self.options = options
  }

  mutating func node(for item: Item, _ identifiers: inout IdentifierTable) -> GraphPicture.Node {
    switch item {
    case .node(let node): return operation(node, &identifiers)
    case .input(let value): return port(.input, "input", value, model.name(of: value), &identifiers)
    case .output(let graph, let index):
      let value = outputs[graph]?.values[index]
      return port(.output, "output", value, outputs[graph]?.names[index] ?? "", &identifiers)
    case .constant(let value, _):
      var node = port(.constant, "constant", value, model.name(of: value), &identifiers)
      if let tensor = model.constant(value) { node.details = [ConstantText.value(tensor)] }
      return node
    }
  }

  /// By which people may call it.
  func names(of item: Item) -> [String] {
    switch item {
    case .node(let node): model.pictureNames(of: node)
    case .input(let value), .constant(let value, _): [model.name(of: value)]
    case .output(let graph, let index): outputs[graph].map { [$0.names[index]] } ?? []
    }
  }

  private func port(
    _ kind: GraphPicture.NodeKind, _ word: String, _ value: ValueID?, _ name: String,
    _ identifiers: inout IdentifierTable
  ) -> GraphPicture.Node {
    let title = name.isEmpty ? word : name.shownEnd(atMost: 40)
    var node = GraphPicture.Node(id: identifiers.unique(word, name), kind: kind, title: title)
    let type = TypeText.short(value.flatMap { model.type(of: $0) })
    // Elsewhere its edges say it.
    if options.showsTypes, kind == .input, let value, !model.hasUses(value), !type.isEmpty {
      node.details = [type]
    }
    node.tooltip = "\(word) \(name.shown(atMost: 400))" + (type.isEmpty ? "" : ": \(type)")
    return node
  }

  private mutating func operation(_ id: NodeID, _ identifiers: inout IdentifierTable) -> GraphPicture.Node {
    let op = model.operatorName(of: id)
    let schema = schemas.schema(of: id, in: model)
    let name = displayName(of: id)
    var node = GraphPicture.Node(
      id: identifiers.unique("node", name.isEmpty ? "\(op.name) \(id)" : name),
      kind: .operation(OperatorFamily(op)), title: op.name.shown(atMost: 40))
    if !op.isStandard, op.domain != "ai.onnx.ml" { node.subtitle = op.domain.shownEnd(atMost: 40) }
    if options.showsNames {
      let short = shortened(name, op: op)
      let shown = short == op.name ? "" : short.shownEnd(atMost: 30)
      node.subtitle += (node.subtitle.isEmpty || shown.isEmpty ? "" : " · ") + shown
    }
    let attributes = model.attributes(of: id)
    let parts = AttributeText.parts(attributes, of: op, schema: schema)
    node.details = wrapped(parts) + wrapped(ConstantText.parts(of: id, in: model, schema: schema))
    node.tooltip = tooltip(of: id, op: op, name: name, schema: schema)
    return node
  }

  /// The node's own name, or where it has none that of its first output.
  private func displayName(of id: NodeID) -> String {
    let name = model.name(of: id)
    if !name.isEmpty { return name }
    return model.outputs(of: id).first { !model.isOmitted($0) }.map { model.name(of: $0) } ?? ""
  }

  /// `/layer1/layer1.0/conv1/Conv` is the `Conv` of `layer1.0/conv1`.
  private func shortened(_ name: String, op: OperatorName) -> String {
    let end = String(name.unicodeScalars.suffix(200))
    var parts = end.split(separator: "/")
    guard parts.count > 1 else { return parts.first.map(String.init) ?? name }
    if let last = parts.last, last == op.name || last.hasPrefix(op.name + "_"),
      last.count <= op.name.count + 5
    {
      if last != op.name { return parts.suffix(2).joined(separator: "/") }
      parts.removeLast()
    }
    return parts.suffix(2).joined(separator: "/")
  }

  /// Parts side by side as long as they make a line of decent length.
  private func wrapped(_ parts: [String]) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, last.count + part.count <= 26 {
        lines[lines.count - 1] = "\(last) · \(part)"
      } else {
        lines.append(part)
      }
    }
    return lines
  }

  // MARK: Tooltip

  private mutating func tooltip(of id: NodeID, op: OperatorName, name: String, schema: OperatorSchema?)
    -> String
  {
    var lines = ["\("\(op)".shown(atMost: 80)) \(name.shown(atMost: 400))"]
    for (index, value) in model.inputs(of: id).prefix(12).enumerated() {
      guard let value else { continue }
      let parameter = ConstantText.parameterName(index, schema: schema)
      lines.append("\(parameter) = \(describe(value))")
    }
    for value in model.outputs(of: id).prefix(8) where !model.isOmitted(value) {
      lines.append("→ \(describe(value))")
    }
    for attribute in model.attributes(of: id).prefix(24).sorted(by: { $0.name < $1.name }) {
      lines.append("\(attribute.name.shown(atMost: 60)): \(AttributeText.text(attribute.value))")
    }
    let text = lines.joined(separator: "\n")
    return text.unicodeScalars.count > Self.tooltipLimit
      ? String(text.unicodeScalars.prefix(Self.tooltipLimit)) + "…" : text
  }

  /// Finding a value's name takes a walk over its uses: done once, however many nodes read it.
  mutating func describe(_ value: ValueID) -> String {
    if let text = valueTexts[value] { return text }
    let type = TypeText.short(model.type(of: value))
    let label = model.label(of: value).shown(atMost: 80)
    let text = type.isEmpty ? label : "\(label): \(type)"
    valueTexts[value] = text
    return text
  }
}

/// Schemas by operator and version: a model has few of them, however many nodes it has.
struct SchemaCache {
  private struct Key: Hashable {
    var op: OperatorName
    var opset: Int
  }

  private var known: [Key: OperatorSchema?] = [:]

  mutating func schema(of node: NodeID, in model: Model) -> OperatorSchema? {
    let op = model.operatorName(of: node)
    guard let opset = model.opset(op.domain, in: model.graph(of: node)) else { return nil }
    let key = Key(op: op, opset: opset)
    if let schema = known[key] { return schema }
    let schema = OperatorSchema.lookup(op, opset: opset)
    known[key] = .some(schema)
    return schema
  }
}
