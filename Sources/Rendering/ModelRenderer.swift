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

  public func picture(of model: Model) -> GraphPicture {
    picture(of: ModelUnion(model), view: .after, limit: options.maximumNodes)
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

  /// Both models in one picture: what was removed, changed or added in colour, the rest grey.
  public func diff(before: Model, after: Model, matching: ModelMatching? = nil) -> GraphPicture {
    picture(of: union(before, after, matching), view: .merged, limit: options.maximumDiffNodes)
  }

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

  private func picture(of union: ModelUnion, view: PictureBuilder.View, limit: Int) -> GraphPicture {
    var builder = PictureBuilder(union, view: view, options: options)
    let hard = RenderOptions.hardMaximumNodes
    var picture = builder.build()
    if options.joinsRepetitions { picture = picture.drawingRepetitionsOnce() }
    return picture.folded(
      within: LayoutLimits(nodes: min(max(limit, 1), hard)), hardLimits: LayoutLimits(nodes: hard),
      hops: options.hops
    ).clusteringScopes(showsModules: options.showsModules)
  }
}

/// The pictures that show what became of a model.
public struct ComparisonPictures: Sendable {
  public var before: GraphPicture
  public var after: GraphPicture
  public var diff: GraphPicture
}
