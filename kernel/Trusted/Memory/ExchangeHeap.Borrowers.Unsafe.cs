namespace RedLeafSharp.Memory;

/// <content>Whom owners have named when they lent pages: who else may have devices reach them.</content>
internal sealed unsafe partial class ExchangeHeap
{
    /// <summary>
    /// By a block's first page; null until somebody is named. An entry means something only while the header says
    /// <see cref="LoanState.Named"/>, which ends with every loan: no entry has to be wiped out.
    /// </summary>
    private uint[]? borrowers;

    /// <summary>Lends a page block and names who else may have it granted. It is not lent.</summary>
    /// <remarks>
    /// The name is written before the loan, and read after it: a grant on another executor never takes an old name for the new one.
    /// </remarks>
    internal void Lend(BlockHeader* header, LoanState access, uint borrower)
    {
        uint[] names = Volatile.Read(ref borrowers) ?? MakeBorrowers();
        names[PageOf(header)] = borrower;

        // SAFETY: the header of a block in use, and a field of one byte.
        Volatile.Write(ref *(byte*)&header->Loan, (byte)(LoanState.Lent | LoanState.Named | access));
    }

    /// <summary>Whom the present loan of a page block names; 0 when nobody.</summary>
    internal uint BorrowerOf(BlockHeader* header)
    {
        // SAFETY: as above.
        var loan = (LoanState)Volatile.Read(ref *(byte*)&header->Loan);
        return (loan & LoanState.Named) == 0 || Volatile.Read(ref borrowers) is not { } names ? 0 : names[PageOf(header)];
    }

    private int PageOf(BlockHeader* header) => (int)(BusAddress(header) / SizeClasses.PageBytes);

    private uint[] MakeBorrowers()
    {
        lock (sharedLock)
        {
            uint[] names = borrowers ?? new uint[CapacityBytes / SizeClasses.PageBytes];
            Volatile.Write(ref borrowers, names);
            return names;
        }
    }
}
