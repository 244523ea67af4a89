import Evaluation

/// Some samples of a data set that the workers know.
struct SampleSet: Sendable {
  let dataset: DatasetHandle
  let indices: [Int]
  /// The group of each sample, where they are stratified.
  var groups: [UInt8]?

  var count: Int { indices.count }

  func prefix(_ count: Int) -> SampleSet { slice(0..<max(count, 0)) }

  func slice(_ range: Range<Int>) -> SampleSet {
    let range = range.clamped(to: 0..<indices.count)
    return SampleSet(
      dataset: dataset, indices: Array(indices[range]), groups: groups.map { Array($0[range]) })
  }

  /// The same samples in the order of the strata.
  func ordered(by strata: Strata) -> SampleSet {
    SampleSet(dataset: dataset, indices: strata.order.map { indices[$0] }, groups: strata.groups)
  }
}
