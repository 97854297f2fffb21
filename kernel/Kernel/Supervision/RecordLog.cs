namespace RedLeafSharp.Kernel.Supervision;

/// <summary>The latest records of one kind. Its user holds a lock.</summary>
internal sealed class RecordLog<T>
{
    /// <summary>
    /// Some 10 MB of records. A driver with the default restart budget needs an hour of nothing but crashes for as many.
    /// </summary>
    internal const int CountMax = 1 << 16;

    private readonly Queue<T[]> records = [];
    private long firstNumber;

    /// <summary>The records that are kept, oldest first.</summary>
    internal T[] Kept => [.. records.Select(record => record[0])];

    /// <summary>Adds a record; the oldest one goes when there are too many.</summary>
    /// <returns>Its number, for <see cref="Replace"/>.</returns>
    internal long Add(T record)
    {
        if (records.Count == CountMax)
        {
            records.Dequeue();
            firstNumber++;
        }

        records.Enqueue([record]);
        return firstNumber + records.Count - 1;
    }

    /// <summary>Puts another in the place of a record, unless that has gone.</summary>
    internal void Replace(long number, T record)
    {
        if (number >= firstNumber)
        {
            records.ElementAt((int)(number - firstNumber))[0] = record;
        }
    }
}
