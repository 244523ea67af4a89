import Kernels
import Testing

@testable import Search

@Suite struct StrataTests {
  @Test(arguments: [1, 2, 7, 100, 5000])
  func everySampleIsRunOnce(_ count: Int) {
    let strata = Strata(margins: (0..<count).map { Double(($0 * 37) % 101) })
    #expect(strata.order.sorted() == Array(0..<count))
    #expect(strata.groups.count == count)
    #expect(strata.portionEnds.last == count && strata.portionEnds == strata.portionEnds.sorted())
  }

  @Test func closeDecisionsComeFirst() {
    let strata = Strata(margins: (0..<1000).map(Double.init))
    // 45 of the 150 closest, and few of the others.
    let first = strata.order.prefix(strata.portionEnds[0])
    #expect(first.count { $0 < 150 } == 45 && first.count { $0 >= 400 } == 24)
    let second = strata.order.prefix(strata.portionEnds[1])
    #expect(second.count { $0 < 150 } == 150)
  }

  /// Losses at close decisions only, as changes of a model cause them: a third of the samples tells as much as all.
  @Test func aThirdOfTheSamplesTellsAsMuchAsAll() {
    var random = Xoshiro256(seed: 5)
    let count = 2000
    let margins = (0..<count).map { _ in random.uniform() }
    var (whole, part, truth): (Double, Double, Double) = (0, 0, 0)
    for _ in 0..<200 {
      let losses = margins.map { margin -> Double in
        let isTurned = random.uniform() < 0.3 * max(0, 1 - margin / 0.2)
        return isTurned ? (random.uniform() < 0.65 ? 1 : -1) : 0
      }
      let strata = Strata(margins: margins)
      let ordered = strata.order.map { losses[$0] }
      let end = strata.portionEnds[1]
      let first = PairedLoss(Array(ordered.prefix(end)), groups: Array(strata.groups.prefix(end)))
      let all = PairedLoss(ordered, groups: strata.groups)
      truth += PairedLoss(losses).mean
      whole += all.mean
      part += first.mean
      #expect(abs(all.mean - PairedLoss(losses).mean) < 1e-9)
      #expect(first.standardError < 1.5 * all.standardError)
    }
    // No bias.
    #expect(abs(part - truth) < 0.05 * truth && abs(whole - truth) < 1e-9)
    #expect(Strata(margins: margins).portionEnds[1] < count / 3)
  }
}
