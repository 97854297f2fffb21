using System.Globalization;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>A trial as a test in C#: red as long as it ends as badly as it did, green when it ends better.</summary>
internal static class RegressionTest
{
    internal static string Write(JudgedTrial trial)
    {
        string name = Identifier($"{trial.Class}_{trial.Plan!.Seed:x}_{trial.Trial}");
        string detail = trial.Detail.ReplaceLineEndings(" ");
        return string.Create(CultureInfo.InvariantCulture, $$"""""
            using RedLeafSharp.Lab.Campaigns;
            using RedLeafSharp.Lab.Trials;
            using Xunit;

            namespace RedLeafSharp.Tests.Lab.Regressions;

            /// <summary>Ended with {{trial.Outcome.Name()}}: {{Escape(detail)}}</summary>
            public sealed class Trial_{{name}}
            {
                private const string Plan = """
                    {{CampaignJson.Write(trial.Plan)}}
                    """;

                [Fact]
                public void Trial_WithItsFaults_EndsBetterThan{{trial.Outcome}}()
                {
                    using var engine = new TrialEngine(Path.Combine(AppContext.BaseDirectory, "domains"));

                    JudgedTrial trial = new TrialSeries(engine).Run(CampaignJson.Read<TrialPlan>(Plan), comparesRecoveryOff: false);

                    Assert.True(trial.Outcome < Outcome.{{trial.Outcome}}, $"{trial.Outcome}: {trial.Detail}");
                }
            }

            """"");
    }

    private static string Identifier(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
