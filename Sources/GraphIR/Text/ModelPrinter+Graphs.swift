import TensorCore

extension ModelPrinter {
  func graph(_ graph: NamedGraph, indent: Int) -> String {
    let notes = notes(graph.annotations, [("quantization_annotations", graph.quantizationAnnotations)])
    let locals =
      graph.initializers.map(initializer) + graph.sparseInitializers.map(sparseInitializer)
      + graph.valueTypes.map(value)
    var text = name(graph.name) + " " + list("(", graph.inputs.map(value), ")", indent: indent)
    text += " => " + list("(", graph.outputs.map(value), ")", indent: indent)
    if !locals.isEmpty {
      text += "\n" + indented(indent) + list("<", locals, ">", indent: indent) + "\n" + indented(indent)
    } else {
      text += " "
    }
    return noted(notes, text + body(graph.nodes, indent: indent), indent: indent)
  }

  func body(_ nodes: [NamedNode], indent: Int) -> String {
    guard !nodes.isEmpty else { return "{}" }
    let lines = nodes.map { node in
      let notes = notes(node.annotations, [("device_configurations", node.deviceConfigurations)])
      return (notes + [self.node(node, indent: indent + 2)]).map { indented(indent + 2) + $0 + "\n" }.joined()
    }
    return "{\n" + lines.joined() + indented(indent) + "}"
  }

  /// A value without a type is its name alone.
  func value(_ value: NamedValue) -> Item {
    let type = value.type.map { self.type($0.type) + " " } ?? ""
    return Item(notes: notes(value.annotations) + notes(value.type), text: type + name(value.name))
  }

  private func initializer(_ tensor: NamedTensor) -> Item {
    let text = tensorType(tensor.tensor) + " " + name(tensor.name) + " = " + tensorData(tensor.tensor)
    return Item(notes: notes(tensor.annotations), text: text)
  }

  private func sparseInitializer(_ tensor: SparseTensor) -> Item {
    Item(notes: notes(Annotations(unknownFields: tensor.unknownFields)), text: sparseTensor(tensor))
  }

  // MARK: Nodes

  func node(_ node: NamedNode, indent: Int) -> String {
    let label = node.name.isEmpty ? "" : "[" + name(node.name) + "] "
    let head = label + names(node.outputs) + " = " + operatorName(node.op)
    let inputs = "(" + operands(node.inputs) + ")"
    guard !node.attributes.isEmpty else { return head + " " + inputs }
    let items = node.attributes.map { attribute($0, indent: indent + 2) }
    let attributes = list("<", items, ">", indent: indent)
    let hasBodies = node.attributes.contains { !$0.value.bodies.isEmpty }
    return hasBodies ? "\(head) \(inputs) \(attributes)" : "\(head) \(attributes) \(inputs)"
  }

  private func operands(_ operands: [String]) -> String {
    operands.map { $0.isEmpty ? "\"\"" : name($0) }.joined(separator: ", ")
  }

  func operatorName(_ op: OperatorName) -> String {
    let parts = op.domain.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let isPlain = parts.allSatisfy { operatorPart($0) == $0 }
    let domain = op.domain.isEmpty ? "" : (isPlain ? op.domain : quoted(op.domain)) + "."
    return domain + operatorPart(op.name) + (op.overload.isEmpty ? "" : ":" + operatorPart(op.overload))
  }

  /// Operators may be called like types; no type stands where they do.
  private func operatorPart(_ text: String) -> String {
    TextParser.isTypeName(text) ? text : name(text)
  }

  // MARK: Attributes

  func attribute(_ attribute: NamedAttribute, indent: Int) -> Item {
    let name = operatorPart(attribute.name)
    let needsKind =
      switch attribute.value {
      case .reference(_, let kind): kind != .undefined
      case .ints(let list): list.isEmpty
      case .floats(let list): list.isEmpty
      case .strings(let list): list.isEmpty
      case .tensors, .sparseTensors, .graphs, .types: true
      default: false
      }
    let kind = needsKind ? ": " + attribute.value.kind.name : ""
    let text = name + kind + " = " + attributeValue(attribute.value, indent: indent)
    return Item(notes: notes(attribute.annotations), text: text)
  }

  private func attributeValue(_ value: AttributeValueOf<NamedGraph>, indent: Int) -> String {
    func list(_ items: [String]) -> String {
      self.list("[", items.map { Item(text: $0) }, "]", indent: indent)
    }
    switch value {
    case .int(let value): return "\(value)"
    case .float(let value): return float(value)
    case .string(let value): return quoted(value)
    case .tensor(let tensor): return self.tensor(tensor, indent: indent)
    case .sparseTensor(let tensor): return self.sparseTensorValue(tensor, indent: indent)
    case .graph(let graph): return self.graph(graph, indent: indent)
    case .type(let type): return noted(notes(type), self.type(type.type), indent: indent)
    case .ints(let values): return list(values.map { "\($0)" })
    case .floats(let values): return list(values.map(float))
    case .strings(let values): return list(values.map(quoted))
    case .tensors(let tensors): return list(tensors.map { tensor($0, indent: indent + 2) })
    case .sparseTensors(let tensors): return list(tensors.map { sparseTensorValue($0, indent: indent + 2) })
    case .graphs(let graphs): return list(graphs.map { graph($0, indent: indent + 2) })
    case .types(let types):
      return list(types.map { noted(notes($0), type($0.type), indent: indent + 2) })
    case .reference(let reference, _): return "@" + name(reference)
    }
  }
}
