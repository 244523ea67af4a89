import TensorCore

extension TextParser {
  /// `<header> graph function*`
  mutating func model() throws -> NamedModel {
    var header = ModelHeader(irVersion: 0, opsetImports: [])
    let notes = try takeNotes(isHeader: isAt("<"))
    header.annotations = notes.annotations
    header.trainingInfo = notes.trainingInfo
    header.deviceConfigurations = notes.deviceConfigurations
    if try accept("<") {
      try list(until: ">", "after the header") { try $0.entry(of: &header) }
    }
    var model = NamedModel(header: header, graph: try graph())
    while token.kind != .end { model.functions.append(try function()) }
    return model
  }

  private mutating func entry(of header: inout ModelHeader) throws {
    let start = token.range.lowerBound
    let key = try identifier("an entry of the header")
    try expect(":", "after \(key)")
    switch key {
    case "ir_version":
      guard let version = Int(exactly: try integer("the version")) else { throw failure("is no version") }
      header.irVersion = version
    case "opset_import": header.opsetImports = try opsetImports()
    case "producer_name": header.producerName = try text("a name")
    case "producer_version": header.producerVersion = try text("a version")
    case "domain": header.domain = try text("a domain")
    case "model_version": header.modelVersion = try integer("the version")
    case "doc_string": header.annotations.documentation = try text("the documentation")
    case "metadata_props":
      try expect("[", "before the metadata")
      header.annotations.metadata = try metadataEntries()
    default: throw SyntaxError("'\(key)' is no entry of a model's header", at: start)
    }
  }

  private mutating func opsetImports() throws -> [OpsetImport] {
    var imports: [OpsetImport] = []
    try expect("[", "before the operator sets")
    try list(until: "]", "after the operator sets") { parser in
      let domain = try parser.text("a domain")
      try parser.expect(":", "after the domain")
      let version = try parser.integer("the version")
      imports.append(OpsetImport(domain: domain, version: Int(version)))
    }
    return imports
  }

  // MARK: Functions

  /// `<domain: …, opset_import: …> name <attributes> (inputs) => (outputs) <types> { nodes }`
  private mutating func function() throws -> NamedFunction {
    let notes = try takeNotes()
    var header = FunctionHeader()
    header.annotations = notes.annotations
    if try accept("<") {
      try list(until: ">", "after the header") { try $0.entry(of: &header) }
    }
    let name = try name("the name of a function")
    let id = OperatorName(name, domain: header.domain, overload: header.overload)
    var function = NamedFunction(id, inputs: [], outputs: [], opsetImports: header.opsetImports, nodes: [])
    function.annotations = header.annotations
    if try accept("<") {
      try list(until: ">", "after the attributes") { try $0.formalAttribute(of: &function) }
    }
    function.inputs = try formalValues("the inputs", typesInto: &function.valueTypes)
    try expectArrow()
    function.outputs = try formalValues("the outputs", typesInto: &function.valueTypes)
    if try accept("<") {
      try list(until: ">", "after the types") { function.valueTypes.append(try $0.value()) }
    }
    try expect("{", "before the nodes")
    while !isAt("}") { function.nodes.append(try node()) }
    try expect("}", "after the nodes")
    return function
  }

  private struct FunctionHeader {
    var domain = ""
    var overload = ""
    var opsetImports: [OpsetImport] = []
    var annotations = Annotations()
  }

  private mutating func entry(of header: inout FunctionHeader) throws {
    let start = token.range.lowerBound
    let key = try identifier("an entry of the header")
    try expect(":", "after \(key)")
    switch key {
    case "domain": header.domain = try text("a domain")
    case "overload": header.overload = try text("an overload")
    case "opset_import": header.opsetImports = try opsetImports()
    case "doc_string": header.annotations.documentation = try text("the documentation")
    default: throw SyntaxError("'\(key)' is no entry of a function's header", at: start)
    }
  }

  /// A name that callers must give, or an attribute with its default.
  private mutating func formalAttribute(of function: inout NamedFunction) throws {
    let notes = try takeNotes()
    let name = try self.name("an attribute")
    if isAt(":") || isAt("=") {
      function.defaultedAttributes.append(try attribute(named: name, notes: notes))
    } else {
      function.requiredAttributes.append(name)
    }
  }

  /// Names in parentheses, each of which may have a type before it.
  private mutating func formalValues(
    _ what: String, typesInto types: inout [NamedValue]
  ) throws -> [String] {
    var values: [NamedValue] = []
    try expect("(", "before \(what)")
    try list(until: ")", "after \(what)") { values.append(try $0.value()) }
    types += values.filter { $0.type != nil }
    return values.map(\.name)
  }
}
