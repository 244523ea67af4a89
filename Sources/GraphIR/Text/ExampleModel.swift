import TensorCore

extension NamedModel {
  /// Reads an example in the shorthand of `Docs/TextSyntax.md`, such as `h = Relu(x); y = Relu(h)`.
  ///
  /// - Parameters:
  ///   - given: declarations, of which the model takes those that its nodes use.
  ///   - outputs: what the graph returns; nil leaves it to the text.
  ///   - seed: of the values of constants that the text does not spell out.
  /// - Throws: `ModelError` with line and column.
  public init(
    example text: String, given: String = "", opset: Int = 21, outputs: [String]? = nil, seed: UInt64 = 0,
    file: String? = nil
  ) throws {
    let builder = try ExampleBuilder(text, given: given, outputs: outputs, seed: seed, file: file)
    self = try builder.model(opset: opset, result: nil)
  }

  /// Reads what a rule or strategy should make of the example `before`. It has that model's inputs; another name that
  /// nothing produces stands for a constant of any value, and of the type that it is declared with, if it is: an input
  /// for which `isAnyConstant` holds.
  ///
  /// - Throws: `ModelError` with line and column.
  public init(
    exampleResult text: String, of before: NamedModel, given: String = "", opset: Int = 21,
    outputs: [String]? = nil, seed: UInt64 = 0, file: String? = nil
  ) throws {
    let builder = try ExampleBuilder(text, given: given, outputs: outputs, seed: seed, file: file)
    self = try builder.model(opset: opset, result: before)
  }
}

extension NamedValue {
  /// The key of the metadata that holds the range of an example's input, as in `0.1...2.0`.
  public static let rangeKey = "workbench.range"
  /// The key of the metadata that marks the constants of any value in an example's result.
  public static let anyConstantKey = "workbench.any-constant"

  /// Where the values of an example's input lie, if the example says.
  public var range: ClosedRange<Double>? { annotations.exampleRange }

  /// Whether the value stands for a constant of any value, in an example's result; of any type where it has none.
  public var isAnyConstant: Bool { annotations.marksAnyConstant }
}

extension Annotations {
  /// See `NamedValue.range`.
  public var exampleRange: ClosedRange<Double>? {
    guard let text = metadata.first(where: { $0.key == NamedValue.rangeKey })?.value else { return nil }
    let bounds = text.split(separator: "...", maxSplits: 1).compactMap { Double($0) }
    return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : nil
  }

  /// See `NamedValue.isAnyConstant`.
  public var marksAnyConstant: Bool { metadata.contains { $0.key == NamedValue.anyConstantKey } }
}

/// Finds out what an example leaves unsaid.
private struct ExampleBuilder {
  /// The type of an input that nobody declares.
  static let undeclaredType = ValueType.tensor(.float32, [2, 3])

  private let text: ExampleText
  private var declarations: [ExampleText.Declaration]
  private let seed: UInt64
  private let file: String?
  /// Names that nodes read or `return` gives and no node produces, each once, in that order.
  private let free: [String]
  /// Outputs of nodes, in that order.
  private let produced: [String]

  init(_ text: String, given: String, outputs: [String]?, seed: UInt64, file: String?) throws {
    var text = try TextParser.parse(text, file: file) { try $0.example() }
    text.results = outputs ?? text.results
    self.text = text
    let given = try TextParser.parse(given, file: file) { parser in
      let example = try parser.example()
      guard example.nodes.isEmpty, example.results == nil else {
        throw parser.failure("expect declarations only")
      }
      return example.declarations
    }
    let inline = text.declarations.map { declaration in
      var declaration = declaration
      declaration.isInline = true
      return declaration
    }
    for texts in [given, inline] {
      let names = texts.map(\.name)
      if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
        throw ModelError("declare \(names[twice]) once", file: file)
      }
    }
    let replaced = Set(inline.map(\.name))
    declarations = given.filter { !replaced.contains($0.name) } + inline
    self.seed = seed
    self.file = file
    produced = text.nodes.flatMap(\.outputs).filter { !$0.isEmpty }
    free = Self.unique(text.nodes.namesRead() + (text.results ?? []), except: Set(produced))
  }

  func model(opset: Int, result before: NamedModel?) throws -> NamedModel {
    var graph = NamedGraph(name: "example", nodes: text.nodes)
    graph.inputs = inputs(before)
    graph.initializers = text.literals + (try constants())
    let outputs = outputs(before)
    graph.outputs = outputs.map { NamedValue($0, type(of: $0).map { AnnotatedType($0) }) }
    graph.valueTypes = Self.unique(produced, except: Set(outputs)).compactMap { name in
      type(of: name).map { NamedValue(name, AnnotatedType($0)) }
    }
    return NamedModel(header: header(opset), graph: graph)
  }

  // MARK: Values

  /// Declared inputs in order of declaration, then the others in order of use; those of `before` first.
  private func inputs(_ before: NamedModel?) -> [NamedValue] {
    let used = Set(free)
    let literals = text.literals.map(\.name)
    let constants = declarations.filter(\.isConstant).map(\.name)
    let declared = declarations.filter { declaration in
      !declaration.isConstant && (used.contains(declaration.name) || declaration.isInline)
        && !produced.contains(declaration.name)
    }
    let known = before?.graph.inputs ?? []
    let others = declared.filter { value in !known.contains { $0.name == value.name } }
      .map { before == nil ? Self.input($0) : Self.anyConstant($0.name, AnnotatedType($0.type)) }
    let named = Set(known.map(\.name) + others.map(\.name) + constants + literals)
    let undeclared = Self.unique(free, except: named).map { name in
      before == nil ? NamedValue(name, AnnotatedType(Self.undeclaredType)) : Self.anyConstant(name, nil)
    }
    return known + others + undeclared
  }

  private static func anyConstant(_ name: String, _ type: AnnotatedType?) -> NamedValue {
    let mark = MetadataEntry(key: NamedValue.anyConstantKey, value: "")
    return NamedValue(name, type, annotations: Annotations(metadata: [mark]))
  }

  private static func input(_ declaration: ExampleText.Declaration) -> NamedValue {
    var annotations = Annotations()
    if let range = declaration.range {
      let text = "\(range.lowerBound)...\(range.upperBound)"
      annotations.metadata.append(MetadataEntry(key: NamedValue.rangeKey, value: text))
    }
    return NamedValue(declaration.name, AnnotatedType(declaration.type), annotations: annotations)
  }

  private func constants() throws -> [NamedTensor] {
    let used = Set(free)
    let needed = declarations.filter { $0.isConstant && ($0.isInline || used.contains($0.name)) }
    return try needed.map { declaration in
      do {
        var values = SeededValues(name: declaration.name, seed: seed)
        let tensor = try declaration.tensor ?? values.tensor(declaration.type, in: declaration.range)
        return NamedTensor(tensor, name: declaration.name)
      } catch let error as TensorError {
        throw ModelError("constant \(declaration.name): \(error)", file: file)
      }
    }
  }

  /// What `return` names, or else what nodes produce and none reads; in the order of `before` where they are the
  /// same.
  private func outputs(_ before: NamedModel?) -> [String] {
    let outputs = text.results ?? Self.unique(produced, except: Set(text.nodes.namesRead()))
    guard let wanted = before?.graph.outputs.map(\.name), Set(wanted) == Set(outputs) else { return outputs }
    return wanted
  }

  private func type(of name: String) -> ValueType? {
    declarations.first { $0.name == name && !$0.isConstant }?.type
  }

  private static func unique(_ names: [String], except excluded: Set<String>) -> [String] {
    var seen = excluded
    return names.filter { seen.insert($0).inserted }
  }

  // MARK: Header

  private func header(_ opset: Int) -> ModelHeader {
    let domains = Self.unique(text.nodes.domains(), except: [""])
    let imports = domains.map { domain in
      OpsetImport(domain: domain, version: newestVersion(of: domain))
    }
    return ModelHeader(
      irVersion: ModelHeader.irVersion(ofOpset: opset),
      opsetImports: [OpsetImport(domain: "", version: opset)] + imports)
  }

  /// The newest version of a domain, before the one in which an operator of the example is deprecated.
  private func newestVersion(of domain: String) -> Int {
    let operators = text.nodes.map(\.op).filter { $0.domain == domain }
    let limits = operators.compactMap { op in
      OperatorSchema.versions(of: op).first { $0.isDeprecated }.map { $0.sinceVersion - 1 }
    }
    return limits.min() ?? OperatorSchema.newestOpset(domain: domain) ?? 1
  }
}

extension ModelHeader {
  /// The version of the format that came with the standard operators of version `opset` (the table of ONNX's
  /// `Versioning.md`); at least 8, which every runtime of interest reads.
  public static func irVersion(ofOpset opset: Int) -> Int {
    switch opset {
    case ...18: 8
    case 19, 20: 9
    case 21, 22: 10
    case 23: 11
    case 24: 12
    case 25...27: 13
    default: 14
    }
  }
}

extension [NamedNode] {
  /// What the nodes read, those in bodies too where it comes from outside, in order, without empty names.
  fileprivate func namesRead() -> [String] {
    flatMap { node in
      node.inputs.filter { !$0.isEmpty } + node.attributes.flatMap(\.value.bodies).flatMap(\.namesCaptured)
    }
  }

  fileprivate func domains() -> [String] {
    flatMap { node in
      [node.op.domain] + node.attributes.flatMap(\.value.bodies).flatMap { $0.nodes.domains() }
    }
  }
}

extension NamedGraph {
  fileprivate var namesCaptured: [String] {
    let own = Set(inputs.map(\.name) + initializers.map(\.name) + nodes.flatMap(\.outputs))
    return (nodes.namesRead() + outputs.map(\.name)).filter { !own.contains($0) }
  }
}
