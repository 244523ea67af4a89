import GraphIR

/// Draws models, and what edits did to them.
///
///     let renderer = ModelRenderer()
///     let svg = try renderer.diff(before: original, after: optimized).render(as: .svg)
///
/// The same models and options give the same picture, and with one version of Graphviz and one set of fonts
/// the same bytes of SVG.
public struct ModelRenderer: Sendable {
  public var options: RenderOptions

  public init(options: RenderOptions = RenderOptions()) {
    self.options = options
  }

  /// - Parameter overlay: of the model's nodes.
  public func picture(of model: Model, overlay: NodeOverlay? = nil) -> GraphPicture {
    picture(of: ModelUnion(model), view: .after, limit: options.maximumNodes, overlays: (nil, overlay))
  }

  /// The older model, with what was removed or changed marked.
  /// - Parameter matching: which nodes correspond; nil to find out.
  public func before(_ before: Model, after: Model, matching: ModelMatching? = nil) -> GraphPicture {
    picture(of: union(before, after, matching), view: .before, limit: options.maximumNodes)
  }

  /// The newer model, with what was changed or added marked.
  public func after(_ after: Model, before: Model, matching: ModelMatching? = nil) -> GraphPicture {
    picture(of: union(before, after, matching), view: .after, limit: options.maximumNodes)
  }

  /// Both models in one picture, over or beside each other: what was removed, changed or added in colour, the rest grey.
  /// - Parameter overlays: of both models' nodes; of what both have, the newer one's is shown.
  public func diff(
    before: Model, after: Model, matching: ModelMatching? = nil,
    overlays: (before: NodeOverlay?, after: NodeOverlay?) = (nil, nil)
  ) -> GraphPicture {
    picture(
      of: union(before, after, matching), view: .merged, limit: options.maximumDiffNodes, overlays: overlays)
  }

  /// A small model, and what edits made of it.
  public struct Example: Sendable {
    /// Above the two.
    public var label: String
    public var before: Model
    public var after: Model

    public init(label: String, before: Model, after: Model) {
      self.label = label
      self.before = before
      self.after = after
    }
  }

  /// Examples under each other, each with both of its models side by side.
  public func picture(of examples: [Example]) -> GraphPicture {
    var renderer = self
    renderer.options.diffLayout = .sideBySide
    renderer.options.joinsRepetitions = false
    renderer.options.maximumDiffNodes = Self.exampleNodes / max(examples.count, 1)
    let parts = examples.map { example in
      (
        label: example.label.shown(atMost: 120),
        picture: renderer.diff(
          before: example.before, after: example.after,
          matching: .derivation(from: example.before, to: example.after))
      )
    }
    let appearance = parts.first?.picture.appearance ?? GraphPicture.Appearance()
    return .stacked(parts, title: (options.title ?? "").shown(atMost: 120), appearance: appearance)
  }

  /// Of all examples of a picture together.
  private static let exampleNodes = 1_200

  /// All three pictures; the models are compared once.
  public func comparison(of before: Model, and after: Model, matching: ModelMatching? = nil)
    -> ComparisonPictures
  {
    let union = union(before, after, matching)
    return ComparisonPictures(
      before: picture(of: union, view: .before, limit: options.maximumNodes),
      after: picture(of: union, view: .after, limit: options.maximumNodes),
      diff: picture(of: union, view: .merged, limit: options.maximumDiffNodes))
  }

  private func union(_ before: Model, _ after: Model, _ matching: ModelMatching?) -> ModelUnion {
    ModelUnion(ModelComparison(before, after, matching: matching))
  }

  private func picture(
    of union: ModelUnion, view: PictureBuilder.View, limit: Int,
    overlays: PictureBuilder.Overlays = (nil, nil)
  ) -> GraphPicture {
    var builder = PictureBuilder(union, view: view, options: options, overlays: overlays)
    let hard = RenderOptions.hardMaximumNodes
    var picture = builder.build()
    let isDetail = if case .around = options.window { true } else { false }
    if options.joinsRepetitions, !isDetail { picture = picture.drawingRepetitionsOnce() }
    if options.window != .whole { picture = picture.window(hops: options.hops) }
    let sides = view == .merged && options.diffLayout == .sideBySide ? 2 : 1
    picture = picture.folded(
      within: LayoutLimits(nodes: min(max(limit / sides, 1), hard / sides), sides: sides),
      hardLimits: LayoutLimits(nodes: hard / sides, sides: sides), hops: options.hops)
    if sides == 2 { picture = picture.sideBySide() }
    return picture.clusteringScopes(showsModules: options.showsModules)
  }
}

/// The pictures that show what became of a model.
public struct ComparisonPictures: Sendable {
  public var before: GraphPicture
  public var after: GraphPicture
  public var diff: GraphPicture
}
