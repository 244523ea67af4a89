import Evaluation

/// Some samples of a data set that the workers know.
struct SampleSet: Sendable {
  let dataset: DatasetHandle
  let indices: [Int]

  var count: Int { indices.count }

  func prefix(_ count: Int) -> SampleSet {
    SampleSet(dataset: dataset, indices: Array(indices.prefix(count)))
  }

  func slice(_ range: Range<Int>) -> SampleSet {
    SampleSet(dataset: dataset, indices: Array(indices[range.clamped(to: 0..<indices.count)]))
  }
}
