import Evaluation
import GraphIR
import Passes
import TensorCore

extension Search {
  /// What every measurement begins with.
  func prepare(_ original: Model, _ exact: Model) throws -> Prepared {
    let split = DataSplit(count: task.evaluation.count, seed: options.seed)
    let runner = VariantRunner(
      client: client, options: options, base: original, weightFolder: task.outputFolder,
      samplesPerPass: task.evaluation.count, journal: journal)
    let dataset = client.dataset(task.evaluation)
    let searchSamples = SampleSet(dataset: dataset, indices: split.search)

    let baseline = try baseline(of: original, on: searchSamples, runner)
    let calibration = try CalibrationSamples(
      task.calibration, of: client, choosing: searchSamples, original: baseline.variant, runner)
    let (scorer, strata) = try scorer(of: baseline, for: split.search)
    let command = try task.command.map {
      try CommandJudge(
        $0, original: original, labels: task.evaluation.labels, output: scorer.metric.output, runner: runner)
    }
    let baselineValue = try baselineValue(command, scorer, on: searchSamples)
    let head = try HeadJudge(
      model: exact, scores: scorer.output(of: exact), calibration: calibration.samples, runner: runner)
    return Prepared(
      exact: exact, runner: runner, judge: Judge(runner: runner, scorer: scorer, head: head),
      command: command,
      split: split,
      searchSamples: strata.map(searchSamples.ordered) ?? searchSamples,
      portionEnds: strata?.portionEnds,
      holdout: SampleSet(dataset: dataset, indices: split.holdout),
      calibrationSamples: calibration,
      allowedLoss: options.budget.allowedLoss(of: command?.metric ?? scorer.metric, from: baselineValue),
      originalVariant: baseline.variant, seconds: baseline.seconds)
  }

  /// What the original gives.
  private struct Baseline {
    let variant: VariantRunner.Variant
    let outputs: [(name: String, values: Tensor)]
    /// Of one sample.
    let seconds: Double
  }

  private func baseline(of original: Model, on samples: SampleSet, _ runner: VariantRunner) throws -> Baseline
  {
    control.report(.stage("baseline", total: nil))
    runner.stage = "baseline"
    let all = zip(original.outputNames(of: original.mainGraph), original.outputs(of: original.mainGraph))
    let variant = try variant(of: original.extracting(all.map { (name: $0, value: $1) }), runner)
    let start = ContinuousClock.now
    let outputs = zip(variant.outputs, try runner.run(variant, on: samples)).map { (name: $0, values: $1) }
    let seconds = (ContinuousClock.now - start) / .seconds(max(samples.count, 1))
    return Baseline(variant: variant, outputs: outputs, seconds: max(seconds, 1e-9))
  }

  /// By the metric that was asked for or fits, with groups of samples where it has decisions.
  private func scorer(of baseline: Baseline, for indices: [Int]) throws -> (Scorer, Strata?) {
    // What a command makes of labels is its own affair.
    let labels = task.command == nil || task.metric.name?.usesLabels == true ? task.evaluation.labels : nil
    let metric = try MetricChoice(
      outputs: baseline.outputs, labels: labels?.rows(indices), everyLabel: labels, request: task.metric
    ).metric
    guard let position = baseline.outputs.firstIndex(where: { $0.name == metric.output }) else {
      throw ModelError("the model has no output '\(metric.output)'")
    }
    let measured = baseline.outputs[position].values
    try requireMeaningful(measured, metric, of: indices)
    let expected = task.evaluation.reference(for: metric.output, at: position)
    if let expected, !metric.usesLabels { try requireSameRows(expected, as: measured, of: metric.output) }
    var scorer = Scorer(metric: metric, labels: labels, expected: expected)
    try scorer.setBaseline(measured, for: indices)
    return (scorer, try metric.margins(of: measured).map { Strata(margins: $0) })
  }

  /// What a budget is a share of.
  /// - Throws: `MetricCommandError` where the command cannot judge the original, `ModelError` where it gives 0.
  private func baselineValue(_ command: CommandJudge?, _ scorer: Scorer, on samples: SampleSet) throws
    -> Double
  {
    guard let command else { return scorer.baselineMean(over: samples.indices) }
    let value = try command.baseline(on: samples)
    guard value != 0 || options.budget.limit == 0 else {
      throw ModelError("the metric command gives 0 for the original, and no budget is a share of that")
    }
    return value
  }

  private func requireSameRows(_ expected: Tensor, as measured: Tensor, of output: String) throws {
    guard
      expected.elementType != measured.elementType
        || expected.dimensions.dropFirst() != measured.dimensions.dropFirst()
    else { return }
    throw DatasetError(
      "what the data has for it is \(expected.type), the model gives \(measured.type)", array: output,
      file: task.evaluation.source)
  }

  /// A model that the runtime does not take cannot be measured.
  private func variant(of original: Model, _ runner: VariantRunner) throws -> VariantRunner.Variant {
    do {
      return try runner.prepare(original, name: task.modelPath)
    } catch WorkerError.cancelled {
      throw WorkerError.cancelled
    } catch let error as WorkerError where !error.isLoss {
      throw ModelError(
        "\(error)", hint: "search measures by running the model; opt, inspect, print and render work without")
    } catch {
      throw ModelError("\(error)", file: task.modelPath)
    }
  }

  /// Agreement on an output that hardly changes from sample to sample proves nothing, and neither does an
  /// output that is no number.
  private func requireMeaningful(_ output: Tensor, _ metric: Metric, of indices: [Int]) throws {
    try requireNumbers(output, named: metric.output, of: indices, "samples")
    let isUniform = metric.kind == .agreement && output.hasOneDecision || output.isNearlyConstant
    guard !metric.usesLabels, isUniform, task.command == nil else { return }
    throw ModelError(
      "output '\(metric.output)' is nearly the same for every input, so that no comparison on these inputs "
        + "proves anything",
      file: task.modelPath, hint: "give real data with --data")
  }

  /// - Parameter samples: what these are called.
  func requireNumbers(_ output: Tensor, named name: String, of indices: [Int], _ samples: String) throws {
    let undefined = output.samplesNotFinite
    guard let first = undefined.map({ indices[$0] }).min() else { return }
    throw ModelError(
      "output '\(name)' is NaN or infinite for \(undefined.count) of \(indices.count) \(samples), first for row "
        + "\(first) of \(task.evaluation.source)",
      file: task.modelPath, hint: "look at the data, or name another output with --output")
  }
}
