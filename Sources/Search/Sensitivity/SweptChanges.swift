import Candidates
import GraphIR

/// Everything that strategies propose for a model, each change to be made alone: candidates, and the steps of
/// schedules.
struct SweptChanges {
  let model: Model
  /// Nodes that schedules leave as they are.
  let keeping: Set<NodeID>
  let activations: any ActivationSource

  func all(of strategy: any Strategy) throws -> [SweptChange] {
    if let generator = strategy as? any CandidateGenerator {
      try generator.candidates(for: model, activations: activations).map { candidate in
        SweptChange(
          candidate: candidate, layer: candidate.nodes.last.map(model.layerName) ?? candidate.title,
          action: candidate.nodes.count > 1
            ? "\(candidate.kind) of \(candidate.nodes.count)" : candidate.kind,
          predictedError: nil)
      }
    } else if let generator = strategy as? any ScheduleGenerator {
      try steps(of: generator)
    } else {
      []
    }
  }

  private func steps(of generator: any ScheduleGenerator) throws -> [SweptChange] {
    let schedule = try generator.schedule(for: model, keeping: keeping, activations: activations)
    guard let schedule else { return [] }
    return schedule.steps.enumerated().map { index, step in
      let place = place(of: step)
      return SweptChange(
        candidate: Candidate(
          strategy: type(of: generator).name, kind: "step", title: step.title, nodes: step.nodes,
          edit: StepEdit(schedule: schedule, index: index), saving: step.saving),
        layer: place.layer, action: place.action, predictedError: step.predictedError)
    }
  }

  /// Titles of steps begin with the label of the node that they are about, and go on behind a colon.
  private func place(of step: ScheduledStep) -> (layer: String, action: String) {
    for node in step.nodes {
      let label = model.label(of: node)
      guard step.title.hasPrefix(label) else { continue }
      let rest = step.title.dropFirst(label.count)
      guard rest.isEmpty || rest.hasPrefix(": ") else { continue }
      return (model.layerName(of: node), String(rest.dropFirst(2)))
    }
    return (step.title, "")
  }
}

/// One step of a schedule, alone.
private struct StepEdit: CandidateEdit {
  let schedule: any Schedule
  let index: Int

  func apply(to model: inout Model, as name: String) throws { try schedule.apply([index], to: &model) }
}

extension SweptChange {
  /// Whether one of the nodes has a name that one of the patterns matches.
  func touches(_ patterns: [LayerPattern], in model: Model) -> Bool {
    candidate.nodes.contains { node in
      let name = model.layerName(of: node)
      return patterns.contains { $0.matches(name) }
    }
  }
}
