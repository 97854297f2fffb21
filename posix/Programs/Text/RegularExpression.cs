namespace RedLeafSharp.Posix.Programs;

/// <summary>What a step of a <see cref="RegularExpression"/> does.</summary>
internal enum StepKind
{
    /// <summary>Takes a byte of its set.</summary>
    Take,

    /// <summary>Goes on at both of its targets.</summary>
    Split,

    /// <summary>Goes on only at the start of the line.</summary>
    Start,

    /// <summary>Goes on only at the end of the line.</summary>
    End,

    /// <summary>The expression has matched.</summary>
    Accept,
}

/// <summary>A step, and where to go on; the second target is that of a split.</summary>
internal readonly record struct Step(StepKind Kind, bool[]? Set, int Next, int Other);

/// <summary>
/// A regular expression as steps that are all followed at once (K. Thompson, "Regular Expression Search Algorithm", CACM 11(6),
/// 1968): a line costs its length times the number of steps at most, whatever the expression, and nothing is tried again.
/// </summary>
internal sealed class RegularExpression(List<Step> steps, int first)
{
    private readonly bool[] isActive = new bool[steps.Count];
    private readonly bool[] isNext = new bool[steps.Count];
    private readonly int[] pending = new int[(2 * steps.Count) + 2];

    /// <summary>Whether the expression matches somewhere in a line, or the whole of it.</summary>
    public bool Matches(string line, bool isWhole)
    {
        Array.Clear(isActive);
        for (int position = 0; position <= line.Length; position++)
        {
            bool isAccepted = (position == 0 || !isWhole) && Follow(first, position, line.Length, isActive);
            for (int step = 0; step < steps.Count; step++)
            {
                isAccepted |= isActive[step] && steps[step].Kind == StepKind.Accept;
            }

            if (isAccepted && (!isWhole || position == line.Length))
            {
                return true;
            }

            if (position < line.Length)
            {
                Take(line, position);
            }
        }

        return false;
    }

    private void Take(string line, int position)
    {
        Array.Clear(isNext);
        for (int index = 0; index < steps.Count; index++)
        {
            Step step = steps[index];
            if (isActive[index] && step.Kind == StepKind.Take && step.Set![line[position] & 0xFF])
            {
                Follow(step.Next, position + 1, line.Length, isNext);
            }
        }

        Array.Copy(isNext, isActive, isNext.Length);
    }

    /// <summary>Marks what is reached from a step without taking a byte.</summary>
    /// <returns>Whether the end of the expression is.</returns>
    private bool Follow(int start, int position, int length, bool[] marks)
    {
        int count = 0;
        bool isAccepted = false;
        pending[count++] = start;
        while (count > 0)
        {
            int index = pending[--count];
            if (marks[index])
            {
                continue;
            }

            marks[index] = true;
            Step step = steps[index];
            isAccepted |= step.Kind == StepKind.Accept;
            bool isPassed = step.Kind == StepKind.Split
                || (step.Kind == StepKind.Start && position == 0) || (step.Kind == StepKind.End && position == length);
            if (isPassed)
            {
                pending[count++] = step.Next;
            }

            if (step.Kind == StepKind.Split)
            {
                pending[count++] = step.Other;
            }
        }

        return isAccepted;
    }
}
