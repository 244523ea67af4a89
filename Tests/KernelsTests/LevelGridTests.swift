import Kernels
import Testing

@Suite struct LevelGridTests {
  @Test func theLargestMagnitudeLiesOnTheLowestLevel() {
    let grid = LevelGrid(spanning: [8, 1, -2, 0], columns: 4, block: 4, levels: -8...7)
    #expect(grid.scales == [-1])
    #expect(grid.rounded([8, 1, -2, 0]) == [-8, -1, 2, 0])
    #expect(grid.values(of: [-8, -1, 2, 0]) == [8, 1, -2, 0])
  }

  @Test func eachBlockHasAScaleAndTheLastMayBeShort() {
    let grid = LevelGrid(
      spanning: [-8, 4, 0, -80, 0, 0, 1, 0], columns: 4, block: 3, levels: -8...7)
    #expect(grid.blocks == 2)
    #expect(grid.scales == [1, 10, -0.125, 1])
  }

  @Test func symmetricLevelsHavePositiveScales() {
    let grid = LevelGrid(spanning: [254, 1], columns: 2, block: 2, levels: -127...127)
    #expect(grid.scales == [2])
  }

  @Test func laterColumnsMakeUpForRounding() {
    let grid = LevelGrid(spanning: [-8, 0], columns: 2, block: 2, levels: -8...7)
    // Two columns that are nearly equal: C = [[1, 0.99], [0.99, 1]].
    let factor = [7.0888, -7.0179, 0, 1]
    #expect(grid.rounded([2.4, 2.4]) == [2, 2])
    #expect(grid.rounded([2.4, 2.4], compensatingBy: factor) == [2, 3])
  }

  @Test func numbersThatAreNoneAreZero() {
    let grid = LevelGrid(spanning: [-8, 1], columns: 2, block: 2, levels: -8...7)
    #expect(grid.rounded([.nan, .infinity]) == [0, 7])
  }
}
