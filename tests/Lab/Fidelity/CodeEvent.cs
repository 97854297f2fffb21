namespace RedLeafSharp.Tests.Lab.Fidelity;

/// <summary>Something that a method does which others can notice, or that decides where it goes on.</summary>
/// <param name="What">The operation, with what it is done to, and with the handlers around it.</param>
/// <param name="Values">What it takes.</param>
/// <param name="ResultCount">How many values it leaves on the stack.</param>
/// <param name="Next">Where the method goes on: one place, none, or one for each way of a branch.</param>
/// <param name="Handlers">Where an exception would go on, innermost first.</param>
internal sealed record CodeEvent(
    string What, IReadOnlyList<string> Values, int ResultCount, IReadOnlyList<int> Next, IReadOnlyList<(int Start, bool HasException)> Handlers)
{
    internal bool IsLike(CodeEvent other) => What == other.What && Values.SequenceEqual(other.Values) && ResultCount == other.ResultCount
        && Next.Count == other.Next.Count && Handlers.Count == other.Handlers.Count;
}
