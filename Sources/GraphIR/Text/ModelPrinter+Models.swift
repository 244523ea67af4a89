import TensorCore

extension ModelPrinter {
  /// `<ir_version: 10, opset_import: ["" : 21]>`, with what else there is.
  func header(_ header: ModelHeader) -> String {
    var entries = ["ir_version: \(header.irVersion)", "opset_import: " + opsetImports(header.opsetImports)]
    let texts = [
      ("producer_name", header.producerName), ("producer_version", header.producerVersion),
      ("domain", header.domain), ("doc_string", header.annotations.documentation),
    ]
    entries += texts.filter { !$0.1.isEmpty }.map { $0.0 + ": " + quoted($0.1) }
    if header.modelVersion != 0 { entries.append("model_version: \(header.modelVersion)") }
    if !header.annotations.metadata.isEmpty {
      entries.append("metadata_props: " + metadata(header.annotations.metadata))
    }
    let notes = notes(
      Annotations(unknownFields: header.annotations.unknownFields),
      [("training_info", header.trainingInfo), ("device_configurations", header.deviceConfigurations)])
    let lines = notes + ["<"] + [entries.map { "  " + $0 }.joined(separator: ",\n")] + [">"]
    return lines.joined(separator: "\n")
  }

  private func opsetImports(_ imports: [OpsetImport]) -> String {
    "[" + imports.map { "\(quoted($0.domain)) : \($0.version)" }.joined(separator: ", ") + "]"
  }

  private func metadata(_ entries: [MetadataEntry]) -> String {
    "[" + entries.map { quoted($0.key) + ": " + quoted($0.value) }.joined(separator: ", ") + "]"
  }

  func function(_ function: NamedFunction) -> String {
    var annotations = function.annotations
    annotations.documentation = ""
    var entries = ["domain: " + quoted(function.id.domain)]
    if !function.id.overload.isEmpty { entries.append("overload: " + quoted(function.id.overload)) }
    entries.append("opset_import: " + opsetImports(function.opsetImports))
    let documentation = function.annotations.documentation
    if !documentation.isEmpty { entries.append("doc_string: " + quoted(documentation)) }
    var lines = notes(annotations)
    lines.append("<" + entries.joined(separator: ", ") + ">")
    let formal =
      function.requiredAttributes.map { Item(text: name($0)) }
      + function.defaultedAttributes.map { attribute($0, indent: 2) }
    var signature = name(function.id.name) + " "
    if !formal.isEmpty { signature += list("<", formal, ">", indent: 0) + " " }
    signature += "(" + names(function.inputs) + ") => (" + names(function.outputs) + ")"
    if !function.valueTypes.isEmpty {
      signature += "\n" + list("<", function.valueTypes.map(value), ">", indent: 0) + "\n"
    } else {
      signature += " "
    }
    lines.append(signature + body(function.nodes, indent: 0))
    return lines.joined(separator: "\n")
  }

  // MARK: Notes

  func notes(
    _ annotations: Annotations, _ messages: [(key: String, messages: [[UInt8]])] = []
  ) -> [String] {
    var notes: [String] = []
    if !annotations.documentation.isEmpty {
      let lines = annotations.documentation.utf8.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      notes += lines.map { "documentation: " + quoted(String(decoding: Array($0), as: UTF8.self)) }
    }
    notes += annotations.metadata.map { entry in
      "metadata: [" + onOneLine(entry.key) + ": " + onOneLine(entry.value) + "]"
    }
    if !annotations.unknownFields.isEmpty {
      notes.append("unknown_fields: " + hex(annotations.unknownFields))
    }
    notes += messages.filter { !$0.messages.isEmpty }.map { key, messages in
      key + ": [" + messages.map(hex).joined(separator: ", ") + "]"
    }
    return notes.map { "#@ " + $0 }
  }

  func notes(_ type: AnnotatedType?) -> [String] {
    guard let type else { return [] }
    var notes = type.denotation.isEmpty ? [] : ["denotation: " + onOneLine(type.denotation)]
    if !type.dimensionDenotations.isEmpty {
      let list = type.dimensionDenotations.map(onOneLine).joined(separator: ", ")
      notes.append("dimension_denotations: [" + list + "]")
    }
    return notes.map { "#@ " + $0 }
  }

  /// In quotes, or in hexadecimal where a newline would end the comment.
  private func onOneLine(_ text: String) -> String {
    text.utf8.contains(UInt8(ascii: "\n")) ? hex(Array(text.utf8)) : quoted(text)
  }
}
