namespace RedLeafSharp.Cli.Doctor;

/// <summary>The findings, one line for each step.</summary>
internal static class DoctorReport
{
    internal static void Write(TextWriter output, IReadOnlyCollection<HeldContext> contexts)
    {
        if (contexts.Count == 0)
        {
            output.WriteLine("no code of unloaded domains is in memory");
        }

        foreach (HeldContext context in contexts.OrderBy(context => context.Name, StringComparer.Ordinal))
        {
            if (context.Pins.Count == 0)
            {
                output.WriteLine($"{context.Name}: unloaded; nothing holds it, the next collections free it");
                continue;
            }

            output.WriteLine($"{context.Name}: unloaded, and held by:");
            foreach (Pin pin in context.Pins)
            {
                Write(output, pin);
            }

            if (context.HasMore)
            {
                output.WriteLine($"  and more than these {context.Pins.Count}");
            }
        }
    }

    private static void Write(TextWriter output, Pin pin)
    {
        output.WriteLine($"  {pin.Root}");
        foreach (string step in pin.Steps)
        {
            output.WriteLine($"    -> {step}");
        }
    }
}
