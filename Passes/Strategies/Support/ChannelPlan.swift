import Candidates
import GraphAnalysis
import GraphIR
import LinearAlgebra
import TensorCore

/// Groups that can be narrowed, and what is known of the layers that read their channels.
struct ChannelPlan {
  let flow: ChannelFlow
  let groups: ChannelGroups
  /// Those of `groups` that can be narrowed.
  private(set) var candidates: [Int] = []
  /// By the index of the flow's consumer.
  private(set) var layers: [Int: ChannelLayer] = [:]
  var covariances: [Int: ChannelCovariance] = [:]

  /// - Parameter momentBytes: what the second moments of all layers may take. The groups with the widest layers
  ///   are left out where they take more.
  init(_ groups: ChannelGroups, _ flow: ChannelFlow, momentBytes: Int) {
    self.flow = flow
    self.groups = groups
    for index in Set(groups.groups.flatMap(\.consumers)) {
      let consumer = flow.consumers[index]
      layers[index] =
        consumer.recurrence.map { ChannelLayer(consumer, $0, in: flow) } ?? ChannelLayer(consumer, in: flow)
    }
    let understood = groups.groups.indices.filter { index in
      groups.groups[index].consumers.allSatisfy { layers[$0] != nil }
    }
    let widths = groups.groups.map { $0.consumers.compactMap { layers[$0]?.columns }.max() ?? 0 }
    var (counted, bytes): (Set<Int>, Int) = ([], 0)
    for index in understood.sorted(by: { (widths[$0], $0) < (widths[$1], $1) }) {
      for consumer in groups.groups[index].consumers where counted.insert(consumer).inserted {
        let columns = layers[consumer]?.columns ?? 0
        bytes += columns * columns * 8
      }
      guard bytes <= momentBytes else { break }
      candidates.append(index)
    }
    candidates.sort()
    let read = Set(candidates.flatMap { groups.groups[$0].consumers })
    layers = layers.filter { read.contains($0.key) }
  }

  /// Layers whose inputs are read in one run of the model.
  struct Run {
    private(set) var values: [ValueID] = []
    fileprivate(set) var layers: [Int] = []
    fileprivate var bytes = 0

    fileprivate mutating func add(_ value: ValueID, bytes: Int) {
      guard !values.contains(value) else { return }
      values.append(value)
      self.bytes += bytes
    }
  }

  /// - Parameter bytes: what the values of one run may take for one sample.
  func runs(within bytes: Int) -> [Run] {
    var runs: [Run] = []
    var runOf: [ValueID: Int] = [:]
    for (index, layer) in layers.sorted(by: { $0.key < $1.key }) {
      let values = [layer.input] + (layer.sum.map { [$0] } ?? [])
      let sizes = values.map { min(self.bytes(of: $0), bytes) }
      if runOf[layer.input] == nil, runs.last.map({ $0.bytes + sizes.reduce(0, +) > bytes }) ?? true {
        runs.append(Run())
      }
      let run = runOf[layer.input] ?? runs.count - 1
      runOf[layer.input] = run
      runs[run].layers.append(index)
      for (value, size) in zip(values, sizes) { runs[run].add(value, bytes: size) }
    }
    return runs
  }

  /// Of one sample, in Float; sizes that are not known count as 1.
  private func bytes(of value: ValueID) -> Int {
    let sizes = flow.model.shape(of: value)?.dimensions.dropFirst().map { $0.fixedSize ?? 1 } ?? []
    return ((try? Tensor.elementCount(of: sizes)) ?? Int.max / 8).multipliedReportingOverflow(by: 4)
      .partialValue
  }

  // MARK: The schedule

  /// Nil where nothing can go.
  func schedule() -> ChannelSchedule? {
    let ladders = candidates.compactMap { ladder(of: $0) }
    guard !ladders.isEmpty else { return nil }
    return ChannelSchedule(ladders, self)
  }

  private func ladder(of index: Int) -> ChannelLadder? {
    let group = groups.groups[index]
    let readers = group.consumers.compactMap { index in
      covariances[index].flatMap { UnitElimination.Reader($0, classOf: groups.classOf) }
    }
    guard readers.count == group.consumers.count else { return nil }
    let widths = ChannelLadder.widths(units: group.units.count, channelsOfUnit: group.channelsOfUnit)
    guard let last = widths.last else { return nil }
    var elimination = UnitElimination(group.units, readers: readers)
    elimination.run(downTo: last)
    let steps = widths.filter { group.units.count - $0 < elimination.errors.count }
    guard !steps.isEmpty else { return nil }
    return ChannelLadder(
      group: index, units: group.units.count, widths: steps,
      errors: steps.map { elimination.errors[group.units.count - $0] },
      order: elimination.order)
  }
}

/// The widths that a group can be narrowed to, and what goes for each.
struct ChannelLadder: Sendable {
  /// Index of the group.
  let group: Int
  /// How many there are.
  let units: Int
  /// Units that stay, fewer with each step.
  let widths: [Int]
  /// Relative squared error at each width.
  let errors: [Double]
  /// Units in the order in which they go.
  let order: [Int32]

  private static let mostSteps = 16

  /// Widths that runtimes like: multiples of eight channels, of four for narrow layers. (ONNX Runtime computes blocks of
  /// 16; in 8 bits a convolution of 12 or 14 channels takes 1.1 to 1.4 times as long as one of 16. Recurrent cells get
  /// faster with every eight units: an `LSTM` of 96 or 64 takes 0.65 or 0.41 of the time of one of 128, in batches of 8.)
  static func widths(units: Int, channelsOfUnit: Int) -> [Int] {
    let channels = units.multipliedReportingOverflow(by: channelsOfUnit).partialValue
    let liked = channels >= 16 ? 8 : channels >= 8 ? 4 : 1
    var step = max(1, liked / max(channelsOfUnit, 1))
    step *= (units / step + mostSteps - 1) / mostSteps
    return stride(from: (units - 1) / max(step, 1) * step, to: 0, by: -max(step, 1)).map { $0 }
  }
}
