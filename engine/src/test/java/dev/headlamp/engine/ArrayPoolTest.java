package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What is given back is used again for the same shape, up to a number of bytes. */
class ArrayPoolTest {

  /** Room for three arrays of [2, 4] float32: 32 bytes each. */
  private final ArrayPool pool = new ArrayPool(DataType.FLOAT, 96);

  @Test
  void whatIsGivenBackIsTakenAgain() {
    INDArray array = pool.take(2, 4);
    assertThat(array.shape()).isEqualTo(new long[] {2, 4});
    assertThat(array.dataType()).isEqualTo(DataType.FLOAT);
    pool.giveBack(array);
    assertThat(pool.take(2, 4)).isSameAs(array);
    assertThat(pool.take(2, 4)).isNotSameAs(array);
  }

  @Test
  void anotherShapeOfTheSameSizeIsAnotherArray() {
    INDArray array = pool.take(2, 4);
    pool.giveBack(array);
    assertThat(pool.take(4, 2)).isNotSameAs(array);
    assertThat(pool.take(2, 4)).isSameAs(array);
  }

  @Test
  void theShapeAskedForLongestAgoGoesFirst() {
    INDArray oldest = pool.take(8);
    INDArray asked = pool.take(4, 2);
    pool.giveBack(oldest);
    pool.giveBack(asked);
    pool.giveBack(pool.take(8));
    pool.giveBack(pool.take(4, 2));
    INDArray newest = pool.take(2, 2, 2);
    pool.giveBack(newest);
    assertThat(oldest.wasClosed()).isFalse();
    INDArray one = pool.take(1, 8);
    pool.giveBack(one);
    assertThat(oldest.wasClosed()).isTrue();
    assertThat(asked.wasClosed()).isFalse();
    assertThat(newest.wasClosed()).isFalse();
  }

  @Test
  void anArrayTooLargeForThePoolIsFreed() {
    INDArray large = pool.take(5, 5);
    pool.giveBack(large);
    assertThat(large.wasClosed()).isTrue();
  }

  @Test
  void aClosedPoolFreesWhatItHoldsAndWhatComesLater() {
    INDArray held = pool.take(2, 4);
    INDArray out = pool.take(2, 4);
    pool.giveBack(held);
    pool.close();
    assertThat(held.wasClosed()).isTrue();
    assertThat(out.wasClosed()).isFalse();
    pool.giveBack(out);
    assertThat(out.wasClosed()).isTrue();
  }

  @Test
  void whatSomebodyClosedIsNotTakenAgain() {
    INDArray array = pool.take(2, 4);
    array.close();
    pool.giveBack(array);
    assertThat(pool.take(2, 4).wasClosed()).isFalse();
  }
}
