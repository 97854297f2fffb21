namespace RedLeafSharp.Cli.Demo;

/// <summary>Is told how a demonstration gets on. May be called from several threads.</summary>
internal interface IDemoProgress
{
    /// <summary>A step begins.</summary>
    void Begin(string step);

    /// <summary>Something about the step that is under way; only the newest matters.</summary>
    void Update(string detail);

    /// <summary>The step has ended.</summary>
    void End(string result);
}
