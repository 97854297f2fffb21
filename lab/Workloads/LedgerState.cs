namespace RedLeafSharp.Lab.Workloads;

/// <summary>What the block ledger has written down, from the first round to the inspection of the disk.</summary>
/// <param name="pages">The history of each page.</param>
internal sealed class LedgerState(PageHistory[] pages)
{
    internal PageHistory[] Pages => pages;

    /// <summary>Answers so far.</summary>
    internal long Answers { get; private set; }

    /// <summary>Everything that was answered up to here was flushed since: it survives a power cut.</summary>
    internal long DurableUpTo { get; private set; }

    /// <returns>The answer's number, from 1.</returns>
    internal long CountAnswer() => ++Answers;

    /// <summary>A flush has been answered without an error.</summary>
    /// <param name="answers">What had been answered when it was submitted.</param>
    internal void Flushed(long answers) => DurableUpTo = Math.Max(DurableUpTo, answers);
}
