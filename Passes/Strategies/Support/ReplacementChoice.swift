import Candidates
import GraphAnalysis
import GraphIR

/// Chooses what is worth trying: every candidate costs evaluations.
struct ReplacementChoice {
  private let model: Model
  private let costs: CostModel
  private var options: [Option] = []

  private struct Option {
    let part: ReplaceablePart
    let replacement: PartFit.Replacement
    let saving: Saving
    /// In the order of the parts.
    let number: Int

    /// Whether the exit becomes the entry.
    var isBypass: Bool { replacement.rung == .nothing && part.entry != nil }
  }

  /// Second moments tell the error at the exit, not what becomes of it: refitting what follows makes up for more or for
  /// less of it. What is cheaper, or takes more away, is left to be better unless its error is so many times as high.
  private static let tolerance = 3.0
  /// Relative errors beyond leave nothing of what the part does.
  private static let mostError = 0.5
  /// At most one candidate for so many nodes.
  private static let nodesOfOne = 8

  /// - Throws: `ModelError` without BLAS.
  init(_ fits: [PartFit], in model: Model) throws {
    self.model = model
    costs = CostModel(model)
    for fit in fits {
      for replacement in try fit.replacements() where replacement.macs < fit.part.saving.macs {
        options.append(
          Option(
            part: fit.part, replacement: replacement, saving: Self.saving(of: replacement, for: fit.part),
            number: options.count))
      }
    }
  }

  var candidates: [Candidate] {
    // Parts with the same layers differ in what lies around these: an activation, a sum.
    let groups = Dictionary(grouping: options) { $0.part.layers }.values
    let cheapest = groups.compactMap(cheapest)
    var ofLayer: [NodeID: [Option]] = [:]
    for option in cheapest { for layer in option.part.layers { ofLayer[layer, default: []].append(option) } }
    let most = max(4, costs.nodes / Self.nodesOfOne)
    let chosen = cheapest.filter { option in
      option.replacement.rung != .nothing
        && !(option.part.layers.first.flatMap { ofLayer[$0] } ?? []).contains {
          isNeedless(option, beside: $0)
        }
    }.sorted { (-merit($0), $0.number) < (-merit($1), $1.number) }.prefix(most)
    var titles = CandidateTitles()
    return chosen.sorted { $0.number < $1.number }.compactMap { candidate($0, &titles) }
  }

  /// Of those that are nearly as good as the best; nil where none is good.
  private func cheapest(of group: [Option]) -> Option? {
    guard let least = group.map(\.replacement.error).min(), least <= Self.mostError else { return nil }
    // What can be bypassed is left to that: it costs nothing, and smaller parts of it combine with others.
    if let bypass = group.first(where: { $0.isBypass && $0.replacement.error <= Self.mostError }) {
      return bypass
    }
    return group.filter { $0.replacement.error <= max(Self.tolerance * least, 1e-9) }
      .min { cost($0) < cost($1) }
  }

  /// Whether another option takes the same layers and more, for nearly as little error.
  private func isNeedless(_ option: Option, beside other: Option) -> Bool {
    other.part.layers.count > option.part.layers.count
      && other.replacement.error <= Self.tolerance * option.replacement.error
      && Set(other.part.layers).isSuperset(of: option.part.layers)
  }

  private func cost(_ option: Option) -> (macs: Int, rung: Int, error: Double, number: Int) {
    let replacement = option.replacement
    return (replacement.macs, replacement.rung.rawValue, replacement.error, option.number)
  }

  /// The share of the model that is saved, for the error.
  private func merit(_ option: Option) -> Double {
    let macs = Double(option.saving.macs) / Double(max(costs.macs, 1))
    let parameters = Double(option.saving.parameters) / Double(max(costs.parameters, 1))
    return (macs + parameters) / max(option.replacement.error, 1e-4)
  }

  private static func saving(of replacement: PartFit.Replacement, for part: ReplaceablePart) -> Saving {
    let (map, isConvolution) = (replacement.map, part.exitIsConvolved)
    let added: (nodes: Int, parameters: Int)
    switch replacement.rung {
    case .nothing: added = (0, 0)
    case .constant: added = (0, map.bias.count)
    case .scales: added = (2, 2 * map.bias.count)
    case .matrix: added = (isConvolution ? 1 : 2, map.weights.values.count + map.bias.count)
    }
    return part.saving
      - Saving(
        nodes: added.nodes, parameters: added.parameters,
        bytes: added.parameters * MemoryLayout<Float>.size, macs: replacement.macs)
  }

  private func candidate(_ option: Option, _ titles: inout CandidateTitles) -> Candidate? {
    let (part, map) = (option.part, option.replacement.map)
    let (kind, edit, nodes, title): (String, any CandidateEdit, [NodeID], String)
    switch (part.place, option.replacement.rung) {
    case (.side(let join, let index, let layout, _), .constant):
      edit = ConstantSide(join: join, operandIndex: index, layout: layout, values: map.bias)
      (kind, nodes) = ("branch", (part.nodes + [join]).sorted())
      title = "constant at \(model.title(of: join))"
    case (.region(let entry, let geometry), let rung) where rung == .scales || rung == .matrix:
      let form = rung == .scales ? LinearSubstitute.Form.scales : .matrix
      edit = LinearSubstitute(entry: entry, exit: part.exit, geometry: geometry, map: map, form: form)
      (kind, nodes) = (part.nodes.count == 1 ? "layer" : "region", part.nodes)
      title = "\(form == .scales ? "scales" : "linear map") for \(model.span(of: nodes))"
    default: return nil
    }
    return Candidate(
      strategy: LinearReplacement.name, kind: kind, title: titles.unique(title), nodes: nodes, edit: edit,
      saving: option.saving)
  }
}

extension ReplaceablePart {
  fileprivate var exitIsConvolved: Bool {
    if case .region(_, let geometry) = place { geometry.exit.isChannelsFirst } else { false }
  }
}
