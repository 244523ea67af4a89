import Kernels
import Testing

@Suite struct LevelGridTests {
  private let ones = [Double](repeating: 1, count: 4)

  @Test func theLargestMagnitudeLiesOnTheLowestLevel() {
    let grid = LevelGrid(fitting: [8, 1, -2, 0], columns: 4, block: 4, levels: -8...7, weights: ones)
    #expect(grid.scales == [-1])
    #expect(grid.rounded([8, 1, -2, 0]) == [-8, -1, 2, 0])
    #expect(grid.values(of: [-8, -1, 2, 0]) == [8, 1, -2, 0])
  }

  @Test func eachBlockHasAScaleAndTheLastMayBeShort() {
    let grid = LevelGrid(
      fitting: [-8, 4, 0, -80, 0, 0, 1, 0], columns: 4, block: 3, levels: -8...7, weights: ones)
    #expect(grid.blocks == 2)
    #expect(grid.scales == [1, 10, -0.125, 1])
  }

  @Test func scalesMayLeaveAnOutlierOutThatCountsLittle() {
    let values: [Double] = [-8, 0.7, 0.7, 0.7]
    let grid = LevelGrid(fitting: values, columns: 4, block: 4, levels: -8...7, weights: [0, 1, 1, 1])
    #expect(grid.scales[0] < 0.75 && grid.scales[0] > 0.6)
  }

  @Test func laterColumnsMakeUpForRounding() {
    let grid = LevelGrid(fitting: [-8, 0], columns: 2, block: 2, levels: -8...7, weights: [1, 1])
    // Two columns that are nearly equal: C = [[1, 0.99], [0.99, 1]].
    let factor = [7.0888, -7.0179, 0, 1]
    #expect(grid.rounded([2.4, 2.4]) == [2, 2])
    #expect(grid.rounded([2.4, 2.4], compensatingBy: factor) == [2, 3])
  }

  @Test func numbersThatAreNoneAreZero() {
    let grid = LevelGrid(fitting: [-8, 1], columns: 2, block: 2, levels: -8...7, weights: [1, 1])
    #expect(grid.rounded([.nan, .infinity]) == [0, 7])
  }
}
